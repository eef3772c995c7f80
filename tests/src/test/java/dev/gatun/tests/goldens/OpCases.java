package dev.gatun.tests.goldens;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.PoolSpec.Windows;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.loss.CrossEntropy;
import dev.gatun.nn.loss.Losses;
import dev.gatun.nn.loss.Reduction;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// The cases of the file of operations, in Gatun's words.
final class OpCases {
    static final Map<String, Function<List<Tensor>, Tensor>> ALL = new TreeMap<>();

    static {
        pointwise();
        activations();
        arithmetic();
        reductions();
        products();
        picking();
        shaping();
        layers();
        losses();
    }

    private OpCases() {
    }

    private static void one(String name, UnaryOperator<Tensor> work) {
        ALL.put(name, t -> work.apply(t.getFirst()));
    }

    private static void two(String name, BinaryOperator<Tensor> work) {
        ALL.put(name, t -> work.apply(t.get(0), t.get(1)));
    }

    private static void pointwise() {
        one("neg", Tensor::neg);
        one("sin", Tensor::sin);
        one("cos", Tensor::cos);
        one("tan", Tensor::tan);
        one("tanh", Tensor::tanh);
        one("sigmoid", Tensor::sigmoid);
        one("exp", Tensor::exp);
        one("expm1", Tensor::expm1);
        one("erf", Tensor::erf);
        one("square", Tensor::square);
        one("floor", Tensor::floor);
        one("ceil", Tensor::ceil);
        one("round", Tensor::round);
        one("abs", Tensor::abs);
        one("sign", Tensor::sign);
        one("relu", Tensor::relu);
        one("reciprocal", Tensor::reciprocal);
        one("sqrt", Tensor::sqrt);
        one("rsqrt", Tensor::rsqrt);
        one("log", Tensor::log);
        one("log2", Tensor::log2);
        one("log10", Tensor::log10);
        one("log1p", Tensor::log1p);
        one("softplus", Tensor::softplus);
        one("gelu", Tensor::gelu);
        one("silu", Tensor::silu);
        one("to I64", t -> t.to(DType.I64));
    }

    private static void activations() {
        one("leakyRelu", Activation.leakyRelu(0.01)::forward);
        one("elu", Activation.elu(1.3)::forward);
        one("selu", Activation.selu()::forward);
        one("geluTanh", Activation.geluTanh()::forward);
        one("mish", Activation.mish()::forward);
        one("hardTanh", Activation.hardTanh(-0.7, 0.9)::forward);
        one("relu6", Activation.relu6()::forward);
        one("hardSigmoid", Activation.hardSigmoid()::forward);
        one("hardSwish", Activation.hardSwish()::forward);
        one("softsign", Activation.softsign()::forward);
        one("logSigmoid", Activation.logSigmoid()::forward);
    }

    private static void arithmetic() {
        two("add", Tensor::add);
        two("sub", Tensor::sub);
        two("mul", Tensor::mul);
        two("maximum", Tensor::maximum);
        two("maximum of ties", Tensor::maximum);
        two("minimum", Tensor::minimum);
        two("div", Tensor::div);
        two("pow", Tensor::pow);
        two("remainder", Tensor::remainder);
        one("clamp", t -> t.clamp(-0.5, 0.6));
        ALL.put("where", t -> Tensor.where(t.get(0).gt(0), t.get(1), t.get(2)));
        two("lerp", (x, y) -> x.lerp(y, 0.3));
        two("eq", Tensor::eq);
        two("ne", Tensor::ne);
        two("lt", Tensor::lt);
        two("le", Tensor::le);
        two("gt", Tensor::gt);
        two("ge", Tensor::ge);
    }

    private static void reductions() {
        Map<String, int[]> dims = Map.of("all", new int[] {0, 1, 2}, "0", new int[] {0}, "1", new int[] {1}, "02",
                new int[] {0, 2});
        dims.forEach((name, d) -> {
            one("sum " + name, t -> t.sum(d, false));
            one("mean " + name, t -> t.mean(d, true));
            one("amax " + name, t -> t.amax(d, false));
            one("amin " + name, t -> t.amin(d, false));
            one("var " + name, t -> t.var(d, 1, false));
            one("std " + name, t -> t.std(d, 0, false));
            one("logSumExp " + name, t -> t.logSumExp(d, false));
            one("norm 2 " + name, t -> t.norm(2, d, false));
            one("norm 1 " + name, t -> t.norm(1, d, false));
            one("norm 3 " + name, t -> t.norm(3, d, false));
        });
        one("prod", t -> t.prod(1));
        one("prod with zeros", t -> t.prod(1));
        one("cumsum", t -> t.cumsum(1));
        one("argmax", t -> t.argmax(1));
        one("argmin", t -> t.argmin(2, true));
    }

    private static void products() {
        two("matmul", Tensor::matmul);
        two("matmul broadcast", Tensor::matmul);
        two("matmul vector", Tensor::matmul);
        two("bmm", Tensor::bmm);
        ALL.put("linear", t -> t.get(0).linear(t.get(1), t.get(2)));
        two("outer", Tensor::outer);
        two("einsum", (a, b) -> Tensor.einsum("bij,bjk->bik", a, b));
        ALL.put("einsum of three", t -> Tensor.einsum("i,ij,j->", t.get(0), t.get(1), t.get(2)));
    }

    private static void picking() {
        two("gather", (x, i) -> x.gather(1, i));
        ALL.put("scatterAdd", t -> t.get(0).scatterAdd(1, t.get(1), t.get(2)));
        ALL.put("scatter", t -> t.get(0).scatter(1, t.get(1), t.get(2)));
        two("indexSelect", (x, i) -> x.indexSelect(1, i));
        ALL.put("indexAdd", t -> t.get(0).indexAdd(0, t.get(1), t.get(2)));
        two("maskedFill", (x, m) -> x.maskedFill(m.gt(0), -3));
        two("maskedSelect", (x, m) -> x.maskedSelect(m.gt(0)));
        one("topk", t -> t.topk(3, 1, true).getFirst());
        one("sort", t -> t.sort(0, true).getFirst());
        one("argsort", t -> t.argsort(1, false));
        one("tril", t -> t.tril(1));
        one("triu", t -> t.triu(-1));
        one("oneHot", t -> t.oneHot(5));
    }

    private static void shaping() {
        one("flip", t -> t.flip(1));
        one("roll", t -> t.roll(1, 3));
        two("cat", (x, y) -> Tensor.cat(1, x, y));
        two("stack", (x, y) -> Tensor.stack(List.of(x, y), 1));
        one("repeat", t -> t.repeat(2, 3));
        one("pad", t -> t.pad(new int[] {1, 2, 0, 3}, 0.5));
        one("padReflect", t -> t.padReflect(2, 1, 3, 0));
        one("padReplicate", t -> t.padReplicate(2, 1, 0, 3));
        one("unfold", t -> t.unfold(1, 4, 2));
        one("permute", t -> t.permute(2, 0, 1).reshape(4, 6));
        one("slice", t -> t.slice(1, 1, 8, 3));
        one("diagonal", Tensor::diagonal);
    }

    private static void layers() {
        one("softmax", t -> t.softmax(1));
        one("logSoftmax", t -> t.logSoftmax(-1));
        ALL.put("conv2d", t -> t.get(0).conv2d(t.get(1), t.get(2), new ConvSpec(2, 2, 1, 1, 1, 1, 1, 1, 1)));
        two("conv2d groups", (x, w) -> x.conv2d(w, ConvSpec.of(1, 2, 2, 2)));
        two("conv2d depthwise", (x, w) -> x.conv2d(w, ConvSpec.of(1, 1, 1, 5)));
        two("conv2d 1x1", (x, w) -> x.conv2d(w, ConvSpec.of(1, 0, 1, 1)));
        two("convTranspose2d", (x, w) -> x.convTranspose2d(w, ConvSpec.of(2, 1, 1, 1), 1, 1));
        one("maxPool2d", t -> t.maxPool2d(3, 2, 1));
        one("maxPool2d of ties", t -> t.maxPool2d(2, 2, 0));
        one("averagePool2d", t -> t.averagePool2d(3, 2, 1));
        one("averagePool2d ceil", t -> t.averagePool(new PoolSpec(Windows.fixed(8, 3, 2, 1, 1, true),
                Windows.fixed(8, 3, 2, 1, 1, true), false)));
        one("adaptiveAveragePool2d", t -> t.adaptiveAveragePool2d(3, 2));
        ALL.put("batchNorm", t -> t.get(0).batchNorm(t.get(1), t.get(2), 1e-5).getFirst());
    }

    private static void losses() {
        two("crossEntropy", Losses::crossEntropy);
        two("crossEntropy smoothed", (x, y) -> CrossEntropy.DEFAULT.withSmoothing(0.1).apply(x, y));
        ALL.put("crossEntropy weighted", t -> CrossEntropy.DEFAULT.withWeights(t.get(2)).withIgnoreIndex(2)
                .apply(t.get(0), t.get(1)));
        two("crossEntropy images", Losses::crossEntropy);
        two("nll", Losses::nll);
        two("mse", Losses::mse);
        two("l1", Losses::l1);
        two("huber", (x, y) -> Losses.huber(x, y, 0.7, Reduction.MEAN));
        two("smoothL1", (x, y) -> Losses.smoothL1(x, y, 0.7, Reduction.MEAN));
        two("bce", Losses::bce);
        two("bceWithLogits", Losses::bceWithLogits);
        ALL.put("bceWithLogits weighted", t -> Losses.bceWithLogits(t.get(0), t.get(1), t.get(2), Reduction.MEAN));
    }
}
