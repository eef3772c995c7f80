package dev.gatun.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.gatun.peers.OnnxGraph.Constant;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// ONNX operations as PyTorch's eager ones; whatever does not depend on the data is worked out beforehand.
final class TorchOps {
    /// One operation on its inputs (null where an optional one is missing), giving its outputs.
    @FunctionalInterface
    interface Kernel {
        NDArray[] run(@Nullable NDArray[] in);
    }

    private final OnnxGraph graph;
    private final boolean training;

    /// `training` lets batch norm normalise with the statistics of the batch.
    TorchOps(OnnxGraph graph, boolean training) {
        this.graph = graph;
        this.training = training;
    }

    /// The constant behind input `index`; throws when it is computed.
    private Constant constant(OnnxNode node, int index) {
        Constant value = graph.constants().get(node.inputs().get(index));
        if (value == null) {
            throw new UnsupportedOperationException("libtorch: " + node + ": input " + index + " must be constant");
        }
        return value;
    }

    private static NDArray at(@Nullable NDArray[] in, int index) {
        NDArray value = in[index];
        if (value == null) {
            throw new IllegalArgumentException("libtorch: input " + index + " is missing");
        }
        return value;
    }

    private static Kernel of(Function<NDArray, NDArray> function) {
        return in -> new NDArray[] {function.apply(at(in, 0))};
    }

    private static Kernel of(java.util.function.BinaryOperator<NDArray> function) {
        return in -> new NDArray[] {function.apply(at(in, 0), at(in, 1))};
    }

    /// Throws [UnsupportedOperationException] for what has no counterpart here.
    Kernel kernel(OnnxNode node) {
        return switch (node.type()) {
            case "Add" -> of((a, b) -> a.add(b));
            case "Sub" -> of((a, b) -> a.sub(b));
            case "Mul" -> of((a, b) -> a.mul(b));
            case "Div" -> of((a, b) -> a.div(b));
            case "Pow" -> of((a, b) -> a.pow(b));
            case "MatMul" -> of((a, b) -> a.matMul(b));
            case "Max" -> of((a, b) -> a.maximum(b));
            case "Min" -> of((a, b) -> a.minimum(b));
            case "Relu" -> of(x -> x.getNDArrayInternal().relu());
            case "Sigmoid" -> of(x -> x.getNDArrayInternal().sigmoid());
            case "Tanh" -> of(x -> x.getNDArrayInternal().tanh());
            case "Softplus" -> of(x -> x.getNDArrayInternal().softPlus());
            case "Erf" -> of(NDArray::erf);
            case "Exp" -> of(NDArray::exp);
            case "Log" -> of(NDArray::log);
            case "Sqrt" -> of(NDArray::sqrt);
            case "Neg" -> of(NDArray::neg);
            case "Abs" -> of(NDArray::abs);
            case "Sin" -> of(NDArray::sin);
            case "Cos" -> of(NDArray::cos);
            case "Reciprocal" -> of(x -> x.pow(-1));
            case "Gelu" -> gelu(node);
            case "LeakyRelu" -> of(x -> x.getNDArrayInternal().leakyRelu((float) node.real("alpha", 0.01)));
            case "Elu" -> of(x -> x.getNDArrayInternal().elu((float) node.real("alpha", 1)));
            case "Clip" -> clip(node);
            case "Softmax" -> of(x -> x.softmax(axis(node, "axis", -1, x)));
            case "LogSoftmax" -> of(x -> x.logSoftmax(axis(node, "axis", -1, x)));
            case "Gemm" -> gemm(node);
            case "Linear" -> linear();
            case "Conv" -> convolution(node);
            case "BatchNormalization" -> batchNorm(node);
            case "LayerNormalization" -> layerNorm(node);
            case "MaxPool", "AveragePool" -> pool(node);
            case "GlobalAveragePool" -> of(x -> keepSpatial(x.getNDArrayInternal().globalAvgPool(), x));
            case "GlobalMaxPool" -> of(x -> keepSpatial(x.getNDArrayInternal().globalMaxPool(), x));
            case "ReduceMean", "ReduceSum", "ReduceMax" -> reduce(node);
            case "Transpose" -> transpose(node);
            case "Reshape" -> reshape(node);
            case "Flatten" -> of(x -> flatten(x, (int) node.integer("axis", 1)));
            case "Squeeze" -> squeeze(node);
            case "Unsqueeze" -> unsqueeze(node);
            case "Concat" -> in -> new NDArray[] {
                at(in, 0).getNDArrayInternal().concat(rest(in), axis(node, "axis", 0, at(in, 0)))};
            case "Split" -> split(node);
            case "Slice" -> slice(node);
            case "Gather" -> gather(node);
            case "Expand" -> {
                long[] shape = constant(node, 1).toLongs();
                yield of(x -> x.broadcast(shape));
            }
            case "Cast" -> cast(node);
            case "LSTM", "GRU" -> TorchRecurrent.kernel(node);
            default -> throw new UnsupportedOperationException("libtorch: no counterpart for " + node.type());
        };
    }

    private static NDList rest(@Nullable NDArray[] in) {
        NDList list = new NDList();
        for (int i = 1; i < in.length; i++) {
            list.add(at(in, i));
        }
        return list;
    }

    private static int axis(OnnxNode node, String name, long otherwise, NDArray x) {
        return positive((int) node.integer(name, otherwise), x.getShape().dimension());
    }

    private static int positive(int axis, int rank) {
        return axis < 0 ? axis + rank : axis;
    }

    private static Kernel gelu(OnnxNode node) {
        return node.text("approximate", "none").equals("none") ? of(x -> x.getNDArrayInternal().gelu()) : of(x -> {
            try (NDArray cube = x.pow(3); NDArray bent = cube.mul(0.044715f); NDArray sum = bent.add(x);
                    NDArray scaled = sum.mul((float) Math.sqrt(2 / Math.PI));
                    NDArray tanh = scaled.getNDArrayInternal().tanh(); NDArray gate = tanh.add(1);
                    NDArray half = x.mul(0.5f)) {
                return gate.mul(half);
            }
        });
    }

    private Kernel clip(OnnxNode node) {
        float low = node.has(1) ? constant(node, 1).toFloats()[0] : Float.NEGATIVE_INFINITY;
        float high = node.has(2) ? constant(node, 2).toFloats()[0] : Float.POSITIVE_INFINITY;
        return of(x -> x.clip(low, high));
    }

    /// `x·wᵀ + b`, the weight as PyTorch stores it.
    private static Kernel linear() {
        return in -> new NDArray[] {at(in, 0).getNDArrayInternal()
                .linear(at(in, 0), at(in, 1), in.length > 2 ? in[2] : null).singletonOrThrow()};
    }

    private static Kernel gemm(OnnxNode node) {
        boolean plain = node.integer("transA", 0) == 0 && node.real("alpha", 1) == 1 && node.real("beta", 1) == 1;
        if (!plain) {
            throw new UnsupportedOperationException("libtorch: no counterpart for " + node);
        }
        if (node.integer("transB", 0) == 1) {
            return linear();
        }
        return in -> {
            NDArray product = at(in, 0).matMul(at(in, 1));
            return new NDArray[] {in.length > 2 ? closing(product, product.add(at(in, 2))) : product};
        };
    }

    private static NDArray closing(NDArray used, NDArray result) {
        used.close();
        return result;
    }

    /// Zeros in front of and behind each spatial dimension where the two sides differ; null when they do not.
    private static @Nullable NDArray padded(NDArray x, long[] pads, float value) {
        int rank = pads.length / 2;
        NDArray padded = null;
        for (int d = 0; d < rank; d++) {
            for (int side = 0; side < 2; side++) {
                long width = pads[d + side * rank];
                if (width > 0) {
                    NDArray from = padded == null ? x : padded;
                    long[] shape = from.getShape().getShape().clone();
                    shape[2 + d] = width;
                    NDManager manager = from.getManager();
                    try (NDArray edge = manager.full(new Shape(shape), value)) {
                        NDArray wider = side == 0 ? edge.concat(from, 2 + d) : from.concat(edge, 2 + d);
                        padded = padded == null ? wider : closing(padded, wider);
                    }
                }
            }
        }
        return padded;
    }

    private static boolean symmetric(long[] pads) {
        int rank = pads.length / 2;
        return IntStream.range(0, rank).allMatch(d -> pads[d] == pads[d + rank]);
    }

    private static long[] ones(int rank) {
        return LongStream.generate(() -> 1).limit(rank).toArray();
    }

    private Kernel convolution(OnnxNode node) {
        if (!node.text("auto_pad", "NOTSET").equals("NOTSET")) {
            throw new UnsupportedOperationException("libtorch: auto_pad of " + node);
        }
        int rank = constant(node, 1).dims().length - 2;
        Shape strides = new Shape(node.integers("strides", ones(rank)));
        Shape dilations = new Shape(node.integers("dilations", ones(rank)));
        long[] pads = node.integers("pads", new long[2 * rank]);
        int groups = (int) node.integer("group", 1);
        boolean even = symmetric(pads);
        Shape padding = new Shape(even ? Arrays.copyOf(pads, rank) : new long[rank]);
        return in -> {
            NDArray x = at(in, 0);
            NDArray wide = even ? null : padded(x, pads, 0);
            NDArray y = x.getNDArrayInternal().convolution(wide == null ? x : wide, at(in, 1),
                    in.length > 2 ? in[2] : null, strides, padding, dilations, groups).singletonOrThrow();
            return new NDArray[] {wide == null ? y : closing(wide, y)};
        };
    }

    private Kernel batchNorm(OnnxNode node) {
        float epsilon = (float) node.real("epsilon", 1e-5);
        return in -> new NDArray[] {at(in, 0).getNDArrayInternal()
                .batchNorm(at(in, 0), at(in, 3), at(in, 4), at(in, 1), at(in, 2), 1, 0.9f, epsilon, training)
                .singletonOrThrow()};
    }

    private Kernel layerNorm(OnnxNode node) {
        Shape over = new Shape(constant(node, 1).dims());
        float epsilon = (float) node.real("epsilon", 1e-5);
        NDArray[] zeros = new NDArray[1];
        return in -> {
            NDArray shift = in.length > 2 ? in[2] : zeros[0];
            if (shift == null) {
                shift = at(in, 1).getManager().zeros(over);
                zeros[0] = shift;
            }
            return new NDArray[] {at(in, 0).getNDArrayInternal()
                    .layerNorm(at(in, 0), over, at(in, 1), shift, epsilon).singletonOrThrow()};
        };
    }

    private static Kernel pool(OnnxNode node) {
        long[] kernel = node.integers("kernel_shape");
        int rank = kernel.length;
        Shape window = new Shape(kernel);
        Shape strides = new Shape(node.integers("strides", ones(rank)));
        long[] pads = node.integers("pads", new long[2 * rank]);
        boolean ceil = node.integer("ceil_mode", 0) == 1;
        boolean counted = node.integer("count_include_pad", 0) == 1;
        boolean average = node.type().equals("AveragePool");
        if (!node.text("auto_pad", "NOTSET").equals("NOTSET")
                || !Arrays.equals(node.integers("dilations", ones(rank)), ones(rank))) {
            throw new UnsupportedOperationException("libtorch: no counterpart for " + node);
        }
        Shape padding = new Shape(Arrays.copyOf(pads, rank));
        return of(x -> {
            boolean same = sameAsSymmetric(x.getShape(), kernel, strides, pads, ceil);
            if (!same && average) {
                throw new UnsupportedOperationException("libtorch: no counterpart for " + node);
            }
            NDArray wide = same ? null : padded(x, pads, Float.NEGATIVE_INFINITY);
            NDArray from = wide == null ? x : wide;
            Shape rest = same ? padding : new Shape(new long[rank]);
            NDArray y = average
                    ? from.getNDArrayInternal().avgPool(window, strides, rest, ceil, counted)
                    : from.getNDArrayInternal().maxPool(window, strides, rest, ceil);
            return wide == null ? y : closing(wide, y);
        });
    }

    /// True when padding behind as much as in front adds no window: PyTorch knows no other.
    private static boolean sameAsSymmetric(Shape x, long[] kernel, Shape strides, long[] pads, boolean ceil) {
        int rank = kernel.length;
        return symmetric(pads) || (!ceil && IntStream.range(0, rank).allMatch(d -> {
            long room = x.get(2 + d) + pads[d] - kernel[d];
            return (room + pads[d + rank]) / strides.get(d) == (room + pads[d]) / strides.get(d);
        }));
    }

    /// DJL drops the pooled dimensions, ONNX keeps them with length 1.
    private static NDArray keepSpatial(NDArray pooled, NDArray x) {
        long[] shape = ones(x.getShape().dimension());
        shape[0] = x.getShape().get(0);
        shape[1] = x.getShape().get(1);
        return pooled.getShape().dimension() == shape.length ? pooled : closing(pooled, pooled.reshape(shape));
    }

    private Kernel reduce(OnnxNode node) {
        long[] axes = node.has(1) ? constant(node, 1).toLongs() : node.integers("axes");
        boolean keep = node.integer("keepdims", 1) == 1;
        return of(x -> {
            int rank = x.getShape().dimension();
            int[] over = axes.length == 0
                    ? IntStream.range(0, rank).toArray()
                    : Arrays.stream(axes).mapToInt(a -> positive((int) a, rank)).toArray();
            return switch (node.type()) {
                case "ReduceMean" -> x.mean(over, keep);
                case "ReduceSum" -> x.sum(over, keep);
                default -> x.max(over, keep);
            };
        });
    }

    private static Kernel transpose(OnnxNode node) {
        int[] order = Arrays.stream(node.integers("perm")).mapToInt(d -> (int) d).toArray();
        return order.length == 0 ? of(x -> x.transpose()) : of(x -> x.transpose(order));
    }

    private Kernel reshape(OnnxNode node) {
        long[] wanted = constant(node, 1).toLongs();
        return of(x -> {
            long[] shape = wanted.clone();
            for (int d = 0; d < shape.length; d++) {
                shape[d] = shape[d] == 0 ? x.getShape().get(d) : shape[d];
            }
            return x.reshape(shape);
        });
    }

    private static NDArray flatten(NDArray x, int axis) {
        long rows = x.getShape().slice(0, positive(axis, x.getShape().dimension())).size();
        return x.reshape(rows, x.size() / rows);
    }

    private Kernel squeeze(OnnxNode node) {
        long[] axes = node.has(1) ? constant(node, 1).toLongs() : node.integers("axes");
        return of(x -> axes.length == 0
                ? x.squeeze()
                : x.squeeze(
                        Arrays.stream(axes).mapToInt(a -> positive((int) a, x.getShape().dimension())).toArray()));
    }

    private Kernel unsqueeze(OnnxNode node) {
        long[] axes = node.has(1) ? constant(node, 1).toLongs() : node.integers("axes");
        return of(x -> {
            long[] shape = new long[x.getShape().dimension() + axes.length];
            for (long a : axes) {
                shape[positive((int) a, shape.length)] = -1;
            }
            int from = 0;
            for (int d = 0; d < shape.length; d++) {
                shape[d] = shape[d] == -1 ? 1 : x.getShape().get(from++);
            }
            return x.reshape(shape);
        });
    }

    private Kernel split(OnnxNode node) {
        long[] sizes = node.has(1) ? constant(node, 1).toLongs() : node.integers("split");
        int parts = node.outputs().size();
        return in -> {
            NDArray x = at(in, 0);
            int axis = axis(node, "axis", 0, x);
            long[] cuts = new long[parts - 1];
            long position = 0;
            for (int i = 0; i < cuts.length; i++) {
                position += sizes.length == 0 ? x.getShape().get(axis) / parts : sizes[i];
                cuts[i] = position;
            }
            return x.split(cuts, axis).toArray(NDArray[]::new);
        };
    }

    private Kernel slice(OnnxNode node) {
        long[] starts = constant(node, 1).toLongs();
        long[] ends = constant(node, 2).toLongs();
        long[] axes = node.has(3) ? constant(node, 3).toLongs() : LongStream.range(0, starts.length).toArray();
        long[] steps = node.has(4) ? constant(node, 4).toLongs() : ones(starts.length);
        return of(x -> {
            int rank = x.getShape().dimension();
            NDIndex index = new NDIndex();
            for (int d = 0; d < rank; d++) {
                int at = -1;
                for (int i = 0; i < axes.length; i++) {
                    at = positive((int) axes[i], rank) == d ? i : at;
                }
                long length = x.getShape().get(d);
                if (at < 0) {
                    index.addAllDim();
                } else {
                    index.addSliceDim(clamp(starts[at], length), clamp(ends[at], length), steps[at]);
                }
            }
            return x.get(index);
        });
    }

    private static long clamp(long position, long length) {
        return Math.clamp(position < 0 ? position + length : position, 0, length);
    }

    private Kernel gather(OnnxNode node) {
        Constant picks = graph.constants().get(node.inputs().get(1));
        if (picks == null) {
            if (node.integer("axis", 0) != 0) {
                throw new UnsupportedOperationException("libtorch: no counterpart for " + node);
            }
            return in -> new NDArray[] {at(in, 0).getNDArrayInternal()
                    .embedding(at(in, 1), at(in, 0), SparseFormat.DENSE).singletonOrThrow()};
        }
        if (picks.dims().length != 0) {
            throw new UnsupportedOperationException("libtorch: no counterpart for " + node);
        }
        long pick = picks.toLongs()[0];
        return of(x -> {
            int axis = axis(node, "axis", 0, x);
            NDIndex index = axis == 0 ? new NDIndex() : new NDIndex().addAllDim(axis);
            return x.get(index.addIndices(clamp(pick, x.getShape().get(axis))));
        });
    }

    private static Kernel cast(OnnxNode node) {
        DataType type = switch ((int) node.integer("to", OnnxGraph.FLOAT)) {
            case OnnxGraph.FLOAT -> DataType.FLOAT32;
            case OnnxGraph.INT32 -> DataType.INT32;
            case OnnxGraph.INT64 -> DataType.INT64;
            default -> throw new UnsupportedOperationException("libtorch: no counterpart for " + node);
        };
        return of(x -> x.toType(type, true));
    }
}
