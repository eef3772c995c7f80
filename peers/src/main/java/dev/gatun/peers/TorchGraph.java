package dev.gatun.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.gatun.peers.OnnxGraph.Constant;
import dev.gatun.peers.TorchOps.Kernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An ONNX graph run operation by operation with PyTorch's eager kernels; each intermediate tensor is freed after its
/// last use, as Python's reference counting would.
final class TorchGraph {
    private record Step(Kernel kernel, int[] in, int[] out, int[] dead, String about) {}

    private final NDManager manager;
    private final OnnxGraph graph;
    private final TorchOps ops;
    private final Map<String, Integer> slots = new HashMap<>();
    private final List<@Nullable NDArray> fixed = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, NDArray> weights = new HashMap<>();
    private final int output;

    TorchGraph(NDManager manager, OnnxGraph graph, boolean training) {
        this.manager = manager;
        this.graph = graph;
        this.ops = new TorchOps(graph, training);
        graph.inputs().forEach(input -> slot(input.name()));
        List<OnnxNode> nodes = TorchRewrite.fused(graph);
        Map<Integer, Integer> lastUse = new HashMap<>();
        List<int[]> ins = new ArrayList<>();
        List<int[]> outs = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            OnnxNode node = nodes.get(i);
            int[] in = switch (node.type()) {
                case "LSTM", "GRU" -> recurrentInputs(node);
                case "Identity", "Dropout" -> {
                    slots.put(node.outputs().getFirst(), slot(node.inputs().getFirst()));
                    yield new int[0];
                }
                case "Constant" -> {
                    weight(node.outputs().getFirst(), node.tensor("value"));
                    yield new int[0];
                }
                default -> node.inputs().stream().mapToInt(this::slot).toArray();
            };
            int[] out = node.outputs().stream().mapToInt(this::slot).toArray();
            ins.add(in);
            outs.add(out);
            for (int s : in) {
                lastUse.put(s, i);
            }
        }
        output = slot(graph.outputs().getFirst());
        for (int i = 0; i < nodes.size(); i++) {
            OnnxNode node = nodes.get(i);
            if (ins.get(i).length == 0) {
                continue;
            }
            int at = i;
            int[] dead = java.util.stream.IntStream.concat(Arrays.stream(ins.get(i)), Arrays.stream(outs.get(i)))
                    .filter(s -> s >= 0 && s != output && s >= graph.inputs().size() && fixed.get(s) == null
                            && lastUse.getOrDefault(s, -1) <= at)
                    .distinct().toArray();
            steps.add(new Step(ops.kernel(node), ins.get(i), outs.get(i), dead, node.toString()));
        }
    }

    /// The place of a value; constants are loaded when they are first asked for; -1 for a missing optional one.
    private int slot(String name) {
        if (name.isEmpty()) {
            return -1;
        }
        Integer known = slots.get(name);
        if (known != null) {
            return known;
        }
        Constant constant = graph.constants().get(name);
        if (constant != null) {
            return weight(name, constant);
        }
        slots.put(name, fixed.size());
        fixed.add(null);
        return fixed.size() - 1;
    }

    private int weight(String name, Constant constant) {
        return keep(name, array(constant.dims(), constant.type(), constant.data()));
    }

    private int keep(String name, NDArray value) {
        slots.put(name, fixed.size());
        fixed.add(value);
        weights.put(name, value);
        return fixed.size() - 1;
    }

    private NDArray array(long[] dims, int type, ByteBuffer data) {
        ByteBuffer bytes = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        return switch (type) {
            case OnnxGraph.FLOAT -> manager.create(bytes.asFloatBuffer(), new Shape(dims));
            case OnnxGraph.INT64 -> manager.create(bytes.asLongBuffer(), new Shape(dims));
            case OnnxGraph.INT32 -> manager.create(bytes.asIntBuffer(), new Shape(dims));
            default -> throw new UnsupportedOperationException("libtorch: constants of type " + type);
        };
    }

    /// W, R and B of ONNX, gates i o f c (z r h), as PyTorch's four per direction, gates i f g o (r z n).
    private int[] recurrentInputs(OnnxNode node) {
        boolean lstm = node.type().equals("LSTM");
        int[] order = lstm ? new int[] {0, 2, 3, 1} : new int[] {1, 0, 2};
        int hidden = (int) node.integer("hidden_size", 0);
        int rows = order.length * hidden;
        Constant w = constant(node, 1);
        Constant r = constant(node, 2);
        int directions = (int) w.dims()[0];
        float[] b = node.has(3) ? constant(node, 3).toFloats() : new float[directions * 2 * rows];
        List<Integer> in = new ArrayList<>();
        in.add(slot(node.inputs().getFirst()));
        for (int d = 0; d < directions; d++) {
            String name = node.inputs().get(1) + "/" + d;
            in.add(gates(name + "/w_ih", w.toFloats(), d * rows * (int) w.dims()[2], (int) w.dims()[2], order, hidden));
            in.add(gates(name + "/w_hh", r.toFloats(), d * rows * hidden, hidden, order, hidden));
            in.add(gates(name + "/b_ih", b, d * 2 * rows, 1, order, hidden));
            in.add(gates(name + "/b_hh", b, d * 2 * rows + rows, 1, order, hidden));
        }
        return in.stream().mapToInt(Integer::intValue).toArray();
    }

    private Constant constant(OnnxNode node, int index) {
        Constant value = graph.constants().get(node.inputs().get(index));
        if (value == null) {
            throw new UnsupportedOperationException("libtorch: " + node + ": weights must be constant");
        }
        return value;
    }

    private int gates(String name, float[] from, int offset, int columns, int[] order, int hidden) {
        int block = hidden * columns;
        float[] values = new float[order.length * block];
        for (int g = 0; g < order.length; g++) {
            System.arraycopy(from, offset + order[g] * block, values, g * block, block);
        }
        Shape shape = columns == 1 ? new Shape(values.length) : new Shape((long) order.length * hidden, columns);
        return keep(name, manager.create(values, shape));
    }

    /// The stored floats that take part, by name.
    Map<String, NDArray> weights() {
        return weights;
    }

    /// The inputs in order, read from files that lie side by side.
    NDArray input(int index, ByteBuffer data) {
        OnnxGraph.Input input = graph.inputs().get(index);
        return array(input.dims(), input.type(), data);
    }

    int inputs() {
        return graph.inputs().size();
    }

    /// The first result; the caller closes it.
    NDArray run(NDArray[] inputs) {
        @Nullable
        NDArray[] values = fixed.toArray(NDArray[]::new);
        System.arraycopy(inputs, 0, values, 0, inputs.length);
        for (Step step : steps) {
            @Nullable
            NDArray[] in = new NDArray[step.in.length];
            for (int i = 0; i < in.length; i++) {
                in[i] = step.in[i] < 0 ? null : values[step.in[i]];
            }
            NDArray[] out;
            try {
                out = step.kernel.run(in);
            } catch (RuntimeException failure) {
                throw new IllegalStateException("libtorch: " + step.about, failure);
            }
            for (int i = 0; i < step.out.length; i++) {
                if (step.out[i] >= 0) {
                    values[step.out[i]] = out[i];
                } else if (out[i] != null) {
                    out[i].close();
                }
            }
            for (int s : step.dead) {
                NDArray value = values[s];
                if (value != null) {
                    value.close();
                    values[s] = null;
                }
            }
        }
        NDArray result = values[output];
        if (result == null) {
            throw new IllegalStateException("libtorch: the graph computed no result");
        }
        return result;
    }
}
