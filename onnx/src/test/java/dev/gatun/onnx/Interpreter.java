package dev.gatun.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.PoolSpec.Windows;
import dev.gatun.onnx.ParsedModel.NodeOf;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Runs an ONNX graph node by node, from the text of the operators' specification, and compares every shape with the one
/// that the file states.
final class Interpreter {
    private final ParsedModel model;
    private final Map<String, Tensor> values = new HashMap<>();

    private Interpreter(ParsedModel model) {
        this.model = model;
    }

    /// The outputs for these inputs, in the order of the file.
    static List<Tensor> run(ParsedModel model, Map<String, Tensor> inputs) {
        Interpreter interpreter = new Interpreter(model);
        interpreter.values.putAll(model.initializers());
        model.inputs().forEach((name, signature) -> {
            assertThat(inputs.get(name)).isNotNull().returns(signature, Tensor::signature);
        });
        interpreter.values.putAll(inputs);
        Autograd.noGrad(() -> model.nodes().forEach(interpreter::step));
        return model.outputs().keySet().stream().map(interpreter::value).toList();
    }

    private Tensor value(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    private void step(NodeOf n) {
        List<Tensor> results = switch (n.operator()) {
            case "LSTM", "GRU", "RNN" -> RecurrentSteps.run(n, n.inputs().stream().map(values::get).toList());
            default -> List.of(apply(n, n.inputs().stream().map(this::value).toArray(Tensor[]::new)));
        };
        for (int i = 0; i < n.outputs().size(); i++) {
            String name = n.outputs().get(i);
            var stated = model.outputs().getOrDefault(name, model.between().get(name));
            assertThat(results.get(i).signature()).as(name + " of " + n).isEqualTo(stated);
            values.put(name, results.get(i));
        }
    }

    private static Tensor apply(NodeOf n, Tensor[] x) {
        int axis = (int) n.whole("axis", -1);
        return switch (n.operator()) {
            case "Conv" -> conv(n, x);
            case "Gemm" -> {
                Tensor product = x[0].matmul(n.whole("transB", 0) == 1 ? x[1].t() : x[1]).mul(n.real("alpha", 1));
                yield x.length == 3 ? product.add(x[2]) : product;
            }
            case "MatMul" -> x[0].matmul(x[1]);
            case "BatchNormalization" -> x[0].sub(channels(x[0], x[3]))
                    .div(channels(x[0], x[4].add(n.real("epsilon", 1e-5f)).sqrt()))
                    .mul(channels(x[0], x[1])).add(channels(x[0], x[2]));
            case "LayerNormalization" -> {
                Tensor centred = x[0].sub(x[0].mean(new int[] {axis}, true));
                Tensor y = centred.div(centred.square().mean(new int[] {axis}, true)
                        .add(n.real("epsilon", 1e-5f)).sqrt()).mul(x[1]);
                yield x.length == 3 ? y.add(x[2]) : y;
            }
            case "MaxPool" -> images(x[0], t -> t.maxPool(windows(n, t, false)).getFirst());
            case "AveragePool" ->
                    images(x[0], t -> t.averagePool(windows(n, t, n.whole("count_include_pad", 0) == 1)));
            case "GlobalAveragePool" -> x[0].mean(spatial(x[0]), true);
            case "GlobalMaxPool" -> x[0].amax(spatial(x[0]), true);
            case "Flatten" -> x[0].reshape(x[0].size(0), -1);
            case "Reshape" -> x[0].reshape(wholes(x[1]));
            case "Transpose" -> x[0].permute(n.wholes("perm"));
            case "Slice" -> x[0].slice(wholes(x[3])[0], wholes(x[1])[0], wholes(x[2])[0], wholes(x[4])[0]);
            case "Expand" -> x[0].expand(wholes(x[1]));
            case "Concat" -> Tensor.cat(axis, x);
            case "Pad" -> pad(x[0], wholes(x[1]), x[2].item());
            case "Gather" -> {
                int[] dims = x[1].shape().dims();
                Tensor rows = x[0].indexSelect((int) n.whole("axis", 0), x[1].reshape(x[1].count()));
                yield dims.length == 1 ? rows : rows.reshape(joined(dims, x[0].size(-1)));
            }
            case "GatherElements" -> x[0].gather(axis, x[1]);
            case "ScatterElements" -> n.text("reduction", "none").equals("add") ? x[0].scatterAdd(axis, x[1], x[2])
                    : x[0].scatter(axis, x[1], x[2]);
            case "Softmax" -> x[0].softmax(axis);
            case "LogSoftmax" -> x[0].logSoftmax(axis);
            case "ReduceSum" -> x[0].sum(wholes(x[1]), n.whole("keepdims", 1) == 1);
            case "ReduceMean" -> x[0].mean(wholes(x[1]), n.whole("keepdims", 1) == 1);
            case "ReduceMax" -> x[0].amax(wholes(x[1]), n.whole("keepdims", 1) == 1);
            case "ReduceMin" -> x[0].amin(wholes(x[1]), n.whole("keepdims", 1) == 1);
            case "ReduceProd" -> x[0].prod(wholes(x[1]), n.whole("keepdims", 1) == 1);
            case "ArgMax" -> x[0].argmax(axis, n.whole("keepdims", 1) == 1);
            case "ArgMin" -> x[0].argmin(axis, n.whole("keepdims", 1) == 1);
            case "CumSum" -> x[0].cumsum(wholes(x[1])[0]);
            case "Gelu" -> n.text("approximate", "none").equals("none") ? x[0].gelu()
                    : x[0].mul(0.5).mul(x[0].add(x[0].pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI)).tanh().add(1));
            case "LeakyRelu" -> Tensor.where(x[0].lt(0), x[0].mul(n.real("alpha", 0.01f)), x[0]);
            case "Elu" -> Tensor.where(x[0].lt(0), x[0].exp().sub(1).mul(n.real("alpha", 1)), x[0]);
            case "Clip" -> x[0].maximum(x[1]).minimum(x[2]);
            case "Where" -> Tensor.where(x[0], x[1], x[2]);
            case "Cast" -> x[0].to(dev.gatun.kernels.DType.values()[List.of(1, 11, 7, 6, 2, 9)
                    .indexOf((int) n.whole("to", 0))]);
            case "Identity" -> x[0];
            default -> elementwise(n.operator(), x);
        };
    }

    private static Tensor elementwise(String operator, Tensor[] x) {
        return switch (operator) {
            case "Relu" -> x[0].maximum(0);
            case "Add" -> x[0].add(x[1]);
            case "Sub" -> x[0].sub(x[1]);
            case "Mul" -> x[0].mul(x[1]);
            case "Div" -> x[0].div(x[1]);
            case "Max" -> x[0].maximum(x[1]);
            case "Min" -> x[0].minimum(x[1]);
            case "Pow" -> x[0].pow(x[1]);
            case "Mod" -> x[0].remainder(x[1]);
            case "Neg" -> x[0].neg();
            case "Abs" -> x[0].abs();
            case "Sqrt" -> x[0].sqrt();
            case "Reciprocal" -> x[0].reciprocal();
            case "Exp" -> x[0].exp();
            case "Log" -> x[0].log();
            case "Tanh" -> x[0].tanh();
            case "Sigmoid" -> x[0].sigmoid();
            case "Softplus" -> x[0].softplus();
            case "Erf" -> x[0].erf();
            case "Sin" -> x[0].sin();
            case "Cos" -> x[0].cos();
            case "Floor" -> x[0].floor();
            case "Ceil" -> x[0].ceil();
            case "Round" -> x[0].round();
            case "Sign" -> x[0].sign();
            case "IsNaN" -> x[0].isNan();
            case "Not" -> x[0].logicalNot();
            case "And" -> x[0].logicalAnd(x[1]);
            case "Or" -> x[0].logicalOr(x[1]);
            case "Less" -> x[0].lt(x[1]);
            case "LessOrEqual" -> x[0].le(x[1]);
            case "Greater" -> x[0].gt(x[1]);
            case "GreaterOrEqual" -> x[0].ge(x[1]);
            case "Equal" -> x[0].eq(x[1]);
            default -> throw new AssertionError("the test does not know the operator " + operator);
        };
    }

    private static Tensor channels(Tensor x, Tensor numbers) {
        int[] dims = new int[x.rank() - 1];
        Arrays.fill(dims, 1);
        dims[0] = numbers.count();
        return numbers.reshape(dims);
    }

    private static int[] wholes(Tensor x) {
        return Arrays.stream(x.toLongs()).mapToInt(Math::toIntExact).toArray();
    }

    private static int[] joined(int[] dims, int last) {
        int[] all = Arrays.copyOf(dims, dims.length + 1);
        all[dims.length] = last;
        return all;
    }

    private static int[] spatial(Tensor x) {
        return java.util.stream.IntStream.range(2, x.rank()).toArray();
    }

    private static Tensor images(Tensor x, java.util.function.UnaryOperator<Tensor> work) {
        return x.rank() == 3 ? work.apply(x.unsqueeze(2)).squeeze(2) : work.apply(x);
    }

    /// The last of each list is that of the width; a row has one only.
    private static Tensor conv(NodeOf n, Tensor[] x) {
        int d = x[0].rank() - 2;
        int[] s = n.wholes("strides");
        int[] p = n.wholes("pads");
        int[] a = n.wholes("dilations");
        assertThat(n.wholes("kernel_shape")).containsExactly(Arrays.copyOfRange(x[1].shape().dims(), 2, 2 + d));
        ConvSpec spec = new ConvSpec(d == 1 ? 1 : s[0], s[d - 1], d == 1 ? 0 : p[0], p[d - 1], d == 1 ? 0 : p[2],
                p[2 * d - 1], d == 1 ? 1 : a[0], a[d - 1], (int) n.whole("group", 1));
        Tensor w = d == 1 ? x[1].unsqueeze(2) : x[1];
        return images(x[0], t -> x.length == 3 ? t.conv2d(w, x[2], spec) : t.conv2d(w, spec));
    }

    private static PoolSpec windows(NodeOf n, Tensor image, boolean counts) {
        int[] k = n.wholes("kernel_shape");
        int d = k.length;
        int[] s = n.wholes("strides");
        int[] p = n.wholes("pads");
        int[] a = d == 1 ? n.wholes("dilations", 1) : n.wholes("dilations", 1, 1);
        Windows rows = d == 1 ? windows(1, 1, 1, 0, 0, 1) : windows(image.size(2), k[0], s[0], p[0], p[2], a[0]);
        return new PoolSpec(rows, windows(image.size(3), k[d - 1], s[d - 1], p[d - 1], p[2 * d - 1], a[d - 1]), counts);
    }

    private static Windows windows(int length, int kernel, int stride, int before, int after, int dilation) {
        int n = Math.floorDiv(length + before + after - dilation * (kernel - 1) - 1, stride) + 1;
        int[] start = new int[n];
        int[] size = new int[n];
        Arrays.fill(size, kernel);
        Arrays.setAll(start, i -> i * stride - before);
        return new Windows(start, size, size, dilation);
    }

    private static Tensor pad(Tensor x, int[] pads, double fill) {
        int[] amounts = new int[2 * x.rank()];
        for (int i = 0; i < x.rank(); i++) {
            // From the last dim on, as PyTorch has it.
            amounts[2 * (x.rank() - 1 - i)] = pads[i];
            amounts[2 * (x.rank() - 1 - i) + 1] = pads[x.rank() + i];
        }
        return x.pad(amounts, fill);
    }
}
