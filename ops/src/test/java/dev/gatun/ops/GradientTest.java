package dev.gatun.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.PoolSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The gradient of every method that records one, against central differences in F64 along random directions.
class GradientTest {
    private record Case(List<Shape> shapes, double low, double high, Function<List<Tensor>, Tensor> f) {}

    private final Map<String, Case> cases = new LinkedHashMap<>();

    private void add(String name, double low, double high, Function<List<Tensor>, Tensor> f, Shape... shapes) {
        cases.put(name, new Case(List.of(shapes), low, high, f));
    }

    private void add(String name, Function<List<Tensor>, Tensor> f, Shape... shapes) {
        add(name, -2, 2, f, shapes);
    }

    @TestFactory
    List<DynamicTest> gradientsAgreeWithDifferences() {
        fillCases();
        return each(cases, GradientTest::check);
    }

    /// The gradient of a gradient, against differences of gradients. Batch normalisation has none.
    @TestFactory
    List<DynamicTest> secondGradientsAgreeWithDifferences() {
        fillCases();
        cases.keySet().removeIf(name -> name.startsWith("batchNorm"));
        return each(cases, GradientTest::checkTwice);
    }

    private static List<DynamicTest> each(Map<String, Case> cases, Consumer<Case> check) {
        List<DynamicTest> tests = new ArrayList<>();
        cases.forEach(
                (name, c) -> tests.add(DynamicTest.dynamicTest(name, () -> Reference.run(() -> check.accept(c)))));
        return tests;
    }

    private void fillCases() {
        Shape s = Shape.of(2, 3);
        Shape row = Shape.of(3);
        Shape column = Shape.of(2, 1);
        add("add", t -> t.get(0).add(t.get(1)), s, row);
        add("sub", t -> t.get(0).sub(t.get(1)), s, column);
        add("mul", t -> t.get(0).mul(t.get(1)), s, row);
        add("mul, both broadcast", t -> t.get(0).mul(t.get(1)), column, row);
        add("div", 0.5, 2, t -> t.get(0).div(t.get(1)), s, row);
        add("pow", 0.5, 2, t -> t.get(0).pow(t.get(1)), s, row);
        add("pow number", 0.5, 2, t -> t.get(0).pow(3), s);
        add("remainder", 0.1, 0.9, t -> t.get(0).add(1).remainder(t.get(1)), s, row);
        add("maximum", t -> t.get(0).maximum(t.get(1)), s, row);
        add("minimum", t -> t.get(0).minimum(t.get(1)), s, row);
        add("clamp", t -> t.get(0).clamp(-1, 1), s);
        add("rsub", t -> t.get(0).rsub(2), s);
        add("lerp", t -> t.get(0).lerp(t.get(1), 0.3), s, s);
        add("neg", t -> t.get(0).neg(), s);
        add("abs", t -> t.get(0).abs(), s);
        add("sqrt", 0.5, 2, t -> t.get(0).sqrt(), s);
        add("rsqrt", 0.5, 2, t -> t.get(0).rsqrt(), s);
        add("square", t -> t.get(0).square(), s);
        add("reciprocal", 0.5, 2, t -> t.get(0).reciprocal(), s);
        add("exp", t -> t.get(0).exp(), s);
        add("expm1", t -> t.get(0).expm1(), s);
        add("log", 0.5, 2, t -> t.get(0).log(), s);
        add("log1p", 0.5, 2, t -> t.get(0).log1p(), s);
        add("log2 and log10", 0.5, 2, t -> t.get(0).log2().mul(t.get(0).log10()), s);
        add("sin", t -> t.get(0).sin(), s);
        add("cos", t -> t.get(0).cos(), s);
        add("tan", -1, 1, t -> t.get(0).tan(), s);
        add("tanh", t -> t.get(0).tanh(), s);
        add("sigmoid", t -> t.get(0).sigmoid(), s);
        add("softplus", t -> t.get(0).softplus(), s);
        add("erf", t -> t.get(0).erf(), s);
        add("relu", t -> t.get(0).relu(), s);
        add("gelu", t -> t.get(0).gelu(), s);
        add("silu", t -> t.get(0).silu(), s);
        add("floor, ceil, round, sign", t -> t.get(0).floor().add(t.get(0).ceil()).add(t.get(0).round())
                .add(t.get(0).sign()), s);
        add("where", t -> Tensor.where(t.get(0).gt(0), t.get(0), t.get(1)), s, row);
        add("maskedFill", t -> t.get(0).maskedFill(t.get(0).gt(0.5), 7), s);
        add("maskedSelect", t -> t.get(0).maskedSelect(t.get(0).gt(0)), s);
        Shape cube = Shape.of(2, 3, 4);
        add("sum", t -> t.get(0).sum(1), cube);
        add("sum all", t -> t.get(0).sum(), cube);
        add("mean", t -> t.get(0).mean(new int[] {0, 2}, true), cube);
        add("prod", t -> t.get(0).prod(1), cube);
        add("amax", t -> t.get(0).amax(0, -1), cube);
        add("amin", t -> t.get(0).amin(), cube);
        add("max along", t -> t.get(0).max(1, false).getFirst(), cube);
        add("min along", t -> t.get(0).min(-1, true).getFirst(), cube);
        add("var", t -> t.get(0).var(new int[] {1}, 1, false), cube);
        add("std", t -> t.get(0).std(new int[] {0, 1}, 0, true), cube);
        add("logSumExp", t -> t.get(0).logSumExp(new int[] {1}, false), cube);
        add("norm 2", t -> t.get(0).norm(2, new int[] {2}, false), cube);
        add("norm 1", t -> t.get(0).norm(1, new int[] {2}, false), cube);
        add("norm 3", t -> t.get(0).norm(3, new int[0], false), cube);
        add("norm inf", t -> t.get(0).norm(Double.POSITIVE_INFINITY, new int[] {1}, false), cube);
        add("cumsum", t -> t.get(0).cumsum(1), cube);
        add("matmul", t -> t.get(0).matmul(t.get(1)), s, Shape.of(3, 4));
        add("matmul batch", t -> t.get(0).matmul(t.get(1)), Shape.of(2, 1, 2, 3), Shape.of(3, 3, 2));
        add("matmul folded", t -> t.get(0).matmul(t.get(1)), cube, Shape.of(4, 2));
        add("matmul vectors", t -> t.get(0).matmul(t.get(1)).add(t.get(1).t().matmul(t.get(2))).sum(),
                row, Shape.of(3, 2), row);
        add("bmm", t -> t.get(0).bmm(t.get(1)), cube, Shape.of(2, 4, 2));
        add("dot and outer", t -> t.get(0).outer(t.get(1)).mul(t.get(0).dot(t.get(1))), row, row);
        add("linear", t -> t.get(0).linear(t.get(1), t.get(2)), cube, Shape.of(2, 4), Shape.of(2));
        add("einsum", t -> Tensor.einsum("bij,bjk,k->ib", t.toArray(Tensor[]::new)), cube, Shape.of(2, 4, 2),
                Shape.of(2));
        add("einsum trace", t -> Tensor.einsum("ii", t.getFirst()), Shape.of(3, 3));
        add("reshape, permute, slice, expand",
                t -> t.get(0).permute(2, 0, 1).reshape(4, 6).slice(1, 1, 6, 2).unsqueeze(0).expand(2, 4, 3), cube);
        add("unfold", t -> t.get(0).unfold(1, 2, 1), cube);
        add("select, flatten, diagonal", t -> t.get(0).select(2, 1).t().flatten(), cube);
        add("diagonal", t -> t.get(0).diagonal(), Shape.of(3, 4));
        add("cat", t -> Tensor.cat(1, t.get(0), t.get(1), t.get(0)), s, Shape.of(2, 2));
        add("stack", t -> Tensor.stack(t, 1), s, s);
        add("split and chunk", t -> t.get(0).split(3, 2).get(1).add(t.get(0).chunk(4, 2).get(0)), cube);
        add("repeat", t -> t.get(0).repeat(2, 1, 2), s);
        add("pad", t -> t.get(0).pad(new int[] {1, 2, -1, 1}, 3), cube);
        add("padReflect", t -> t.get(0).padReflect(2, 1, 1, 2), cube);
        add("padReplicate", t -> t.get(0).padReplicate(2, 1, 1, 2), cube);
        add("flip and roll", t -> t.get(0).flip(1).add(t.get(0).roll(2, 1)), cube);
        add("gather", t -> t.get(0).gather(1, Tensor.of(new long[] {0, 2, 2, 1}, 2, 2)), s);
        add("scatter", t -> t.get(0).scatter(1, Tensor.of(new long[] {0, 2, 2, 1}, 2, 2), t.get(1)), s,
                Shape.of(2, 2));
        add("scatterAdd", t -> t.get(0).scatterAdd(1, Tensor.of(new long[] {0, 2, 2, 2}, 2, 2), t.get(1)), s,
                Shape.of(2, 2));
        add("indexSelect", t -> t.get(0).indexSelect(1, Tensor.of(new int[] {2, 0, 2})), cube);
        add("indexAdd", t -> t.get(0).indexAdd(1, Tensor.of(new long[] {2, 2}), t.get(1)), s, Shape.of(2, 2));
        add("sort", t -> t.get(0).sort(1, true).getFirst(), cube);
        add("topk", t -> t.get(0).topk(2).getFirst(), cube);
        add("tril and triu", t -> t.get(0).tril(0).add(t.get(0).triu(1).mul(2)), Shape.of(2, 3, 3));
        add("softmax", t -> t.get(0).softmax(1), cube);
        add("logSoftmax", t -> t.get(0).logSoftmax(-1), cube);
        add("copy and to", t -> t.get(0).t().copy().to(DType.F64), s);
        Shape image = Shape.of(2, 4, 5, 6);
        add("conv2d", t -> t.get(0).conv2d(t.get(1), t.get(2), ConvSpec.of(1, 1, 1, 1)), image,
                Shape.of(3, 4, 3, 3), Shape.of(3));
        add("conv2d stride, dilation, groups", t -> t.get(0).conv2d(t.get(1), ConvSpec.of(2, 2, 2, 2)), image,
                Shape.of(2, 2, 3, 2));
        add("convTranspose2d", t -> t.get(0).convTranspose2d(t.get(1), ConvSpec.of(2, 1, 1, 2), 1, 0),
                Shape.of(2, 4, 3, 2), Shape.of(4, 2, 3, 3));
        add("maxPool", t -> t.get(0).maxPool2d(3, 2, 1), image);
        add("averagePool", t -> t.get(0).averagePool2d(2, 2, 1), image);
        add("averagePool without padding", t -> t.get(0).averagePool(new PoolSpec(
                PoolSpec.Windows.fixed(5, 3, 2, 1, 1, true), PoolSpec.Windows.fixed(6, 2, 2, 1, 2, false), false)),
                image);
        add("adaptiveAveragePool", t -> t.get(0).adaptiveAveragePool2d(2, 4), image);
        add("batchNorm", t -> t.get(0).batchNorm(t.get(1), t.get(2), 1e-5).getFirst(), image, Shape.of(4),
                Shape.of(4));
        cases.put("batchNorm, statistics too", new Case(List.of(Shape.of(4, 2), Shape.of(2), Shape.of(2)), -2, 2, t -> {
            List<Tensor> all = t.get(0).batchNorm(t.get(1), t.get(2), 1e-3);
            return all.get(0).add(all.get(1)).mul(all.get(2));
        }));
    }

    private static void check(Case c) {
        Generator random = Generator.of(11);
        List<Tensor> inputs = c.shapes.stream().map(s -> random.uniform(DType.F64, s, c.low, c.high)).toList();
        inputs.forEach(t -> t.requiresGrad(true));
        Tensor output = c.f.apply(inputs);
        Tensor weights = random.uniform(DType.F64, output.shape(), -1, 1);
        Tensor loss = output.mul(weights).sum();
        assertThat(loss.item()).isNotZero();
        loss.backward();
        double step = 1e-6;
        for (int direction = 0; direction < 3; direction++) {
            double expected = 0;
            double actual = 0;
            List<Tensor> up = new ArrayList<>();
            List<Tensor> down = new ArrayList<>();
            for (Tensor x : inputs) {
                Tensor d = random.normal(DType.F64, x.shape(), 0, 1);
                up.add(x.detach().add(d.mul(step)));
                down.add(x.detach().sub(d.mul(step)));
                actual += Objects.requireNonNull(x.grad()).mul(d).sum().item();
            }
            expected = (c.f.apply(up).mul(weights).sum().item() - c.f.apply(down).mul(weights).sum().item())
                    / (2 * step);
            assertThat(actual).isCloseTo(expected,
                    within(1e-5 + 1e-5 * Math.abs(expected)));
        }
    }

    /// `Σ gradient·direction` at `inputs`, recorded.
    private static Tensor slope(Case c, List<Tensor> inputs, Tensor weights, List<Tensor> directions) {
        Tensor loss = c.f.apply(inputs).mul(weights).sum();
        List<Tensor> gradients = Autograd.gradients(loss, inputs, true);
        Tensor sum = gradients.getFirst().mul(directions.getFirst()).sum();
        for (int i = 1; i < inputs.size(); i++) {
            sum = sum.add(gradients.get(i).mul(directions.get(i)).sum());
        }
        return sum;
    }

    private static List<Tensor> moved(List<Tensor> inputs, List<Tensor> along, double step) {
        List<Tensor> moved = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            moved.add(inputs.get(i).detach().add(along.get(i).mul(step)).requiresGrad(true));
        }
        return moved;
    }

    private static void checkTwice(Case c) {
        Generator random = Generator.of(12);
        List<Tensor> inputs = c.shapes.stream().map(s -> random.uniform(DType.F64, s, c.low, c.high)).toList();
        inputs.forEach(t -> t.requiresGrad(true));
        Tensor weights = random.uniform(DType.F64, c.f.apply(inputs).shape(), -1, 1);
        List<Tensor> directions = inputs.stream().map(t -> random.normal(DType.F64, t.shape(), 0, 1)).toList();
        List<Tensor> along = inputs.stream().map(t -> random.normal(DType.F64, t.shape(), 0, 1)).toList();
        double step = 1e-6;
        double expected = (slope(c, moved(inputs, along, step), weights, directions).item()
                - slope(c, moved(inputs, along, -step), weights, directions).item()) / (2 * step);
        Tensor slope = slope(c, inputs, weights, directions);
        double actual = 0;
        if (slope.requiresGrad()) {
            slope.backward();
            for (int i = 0; i < inputs.size(); i++) {
                Tensor second = inputs.get(i).grad();
                actual += second == null ? 0 : second.mul(along.get(i)).sum().item();
            }
        }
        assertThat(actual).isCloseTo(expected,
                within(1e-5 + 1e-5 * Math.abs(expected)));
    }
}
