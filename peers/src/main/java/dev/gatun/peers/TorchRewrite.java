package dev.gatun.peers;

import dev.gatun.peers.OnnxGraph.Constant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Undoes what ONNX had to spell out and PyTorch's layers call in one piece, so that the peer is measured as its users
/// write it: `x·W + b` becomes `linear` with the weight transposed once.
final class TorchRewrite {
    private TorchRewrite() {}

    /// The nodes to run; transposed weights are added to the constants of `graph`.
    static List<OnnxNode> fused(OnnxGraph graph) {
        Map<String, Integer> uses = new HashMap<>();
        graph.nodes().forEach(node -> node.inputs().forEach(name -> uses.merge(name, 1, Integer::sum)));
        graph.outputs().forEach(name -> uses.merge(name, 1, Integer::sum));
        List<OnnxNode> nodes = new ArrayList<>(graph.nodes());
        Map<String, String> turned = new HashMap<>();
        nodes.removeIf(node -> turns(graph, node, turned));
        for (int i = 0; i < nodes.size(); i++) {
            OnnxNode node = nodes.get(i);
            boolean known = node.type().equals("MatMul") && turned.containsKey(node.inputs().get(1));
            Constant weight = node.type().equals("MatMul") ? graph.constants().get(node.inputs().get(1)) : null;
            if (!known && (weight == null || weight.dims().length != 2 || weight.type() != OnnxGraph.FLOAT)) {
                continue;
            }
            String product = node.outputs().getFirst();
            List<String> inputs = new ArrayList<>(List.of(node.inputs().getFirst(), weight == null
                    ? turned.getOrDefault(node.inputs().get(1), "")
                    : transposed(graph, node, weight)));
            String result = product;
            int add = i + 1;
            @Nullable
            String bias = add < nodes.size() && uses.getOrDefault(product, 0) == 1
                    ? bias(graph, nodes.get(add), product)
                    : null;
            if (bias != null) {
                inputs.add(bias);
                result = nodes.get(add).outputs().getFirst();
                nodes.remove(add);
            }
            nodes.set(i, new OnnxNode("Linear", inputs, List.of(result), Map.of()));
        }
        return nodes;
    }

    /// Notes a stored matrix that is only stored the other way round, `[out, in]`; true when `node` does no more than
    /// transpose it for products.
    private static boolean turns(OnnxGraph graph, OnnxNode node, Map<String, String> turned) {
        if (!node.type().equals("Transpose")) {
            return false;
        }
        Constant matrix = graph.constants().get(node.inputs().getFirst());
        String result = node.outputs().getFirst();
        boolean weight = matrix != null && matrix.dims().length == 2 && !graph.outputs().contains(result)
                && graph.nodes().stream().filter(n -> n.inputs().contains(result))
                        .allMatch(n -> n.type().equals("MatMul") && n.inputs().get(1).equals(result));
        if (weight) {
            turned.put(result, node.inputs().getFirst());
        }
        return weight;
    }

    /// The vector that `node` adds to `product`, when that is what it does.
    private static @Nullable String bias(OnnxGraph graph, OnnxNode node, String product) {
        if (!node.type().equals("Add") || !node.inputs().contains(product)) {
            return null;
        }
        String other = node.inputs().get(node.inputs().indexOf(product) == 0 ? 1 : 0);
        Constant constant = graph.constants().get(other);
        return constant != null && constant.dims().length == 1 ? other : null;
    }

    private static String transposed(OnnxGraph graph, OnnxNode node, Constant weight) {
        int rows = (int) weight.dims()[0];
        int columns = (int) weight.dims()[1];
        float[] from = weight.toFloats();
        ByteBuffer to = ByteBuffer.allocate(4 * from.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                to.putFloat(from[r * columns + c]);
            }
        }
        String name = node.inputs().get(1) + "/transposed";
        graph.constants().put(name, new Constant(new long[] {columns, rows}, OnnxGraph.FLOAT, to.flip()));
        return name;
    }
}
