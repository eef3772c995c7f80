package dev.gatun.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.gatun.kernels.DType;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// An ONNX file read back by protobuf, field numbers from onnx.proto, and the rules that every such file must keep.
record ParsedModel(long irVersion, long opset, List<NodeOf> nodes, Map<String, Tensor> initializers,
        Map<String, Signature> inputs, Map<String, Signature> outputs, Map<String, Signature> between) {
    /// A NodeProto.
    record NodeOf(String operator, String name, List<String> inputs, List<String> outputs,
            Map<String, Object> attributes) {
        long whole(String key, long otherwise) {
            return (Long) attributes.getOrDefault(key, otherwise);
        }

        float real(String key, float otherwise) {
            return (Float) attributes.getOrDefault(key, otherwise);
        }

        String text(String key, String otherwise) {
            return (String) attributes.getOrDefault(key, otherwise);
        }

        int[] wholes(String key, int... otherwise) {
            return attributes.containsKey(key)
                    ? ((List<?>) attributes.get(key)).stream().mapToInt(v -> ((Long) v).intValue()).toArray()
                    : otherwise;
        }
    }

    static ParsedModel read(Path path) throws IOException {
        UnknownFieldSet model = UnknownFieldSet.parseFrom(Files.readAllBytes(path));
        UnknownFieldSet graph = group(model, 7).getFirst();
        UnknownFieldSet opset = group(model, 8).getFirst();
        assertThat(text(opset, 1)).isEmpty();
        Map<String, Tensor> initializers = new LinkedHashMap<>();
        for (UnknownFieldSet t : group(graph, 5)) {
            assertThat(initializers.put(text(t, 8), tensor(t))).as("initializers called " + text(t, 8)).isNull();
        }
        return new ParsedModel(whole(model, 1), whole(opset, 2),
                group(graph, 1).stream().map(ParsedModel::node).toList(),
                initializers, values(graph, 11), values(graph, 12), values(graph, 13));
    }

    private static List<UnknownFieldSet> group(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().stream().map(bytes -> {
            try {
                return UnknownFieldSet.parseFrom(bytes);
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError("field " + field + " is not a message", e);
            }
        }).toList();
    }

    private static List<String> texts(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().stream().map(ByteString::toStringUtf8).toList();
    }

    private static String text(UnknownFieldSet message, int field) {
        return texts(message, field).getFirst();
    }

    private static long whole(UnknownFieldSet message, int field) {
        return message.getField(field).getVarintList().getFirst();
    }

    private static NodeOf node(UnknownFieldSet n) {
        Map<String, Object> attributes = new HashMap<>();
        for (UnknownFieldSet a : group(n, 5)) {
            attributes.put(text(a, 1), switch ((int) whole(a, 20)) {
                case 1 -> Float.intBitsToFloat(a.getField(2).getFixed32List().getFirst());
                case 2 -> whole(a, 3);
                case 3 -> text(a, 4);
                case 7 -> a.getField(8).getVarintList();
                case 8 -> texts(a, 9);
                default -> throw new AssertionError("attribute " + text(a, 1) + " of type " + whole(a, 20));
            });
        }
        return new NodeOf(text(n, 4), text(n, 3), texts(n, 1), texts(n, 2), attributes);
    }

    private static DType type(long number) {
        return switch ((int) number) {
            case 1 -> DType.F32;
            case 2 -> DType.U8;
            case 6 -> DType.I32;
            case 7 -> DType.I64;
            case 9 -> DType.BOOL;
            case 11 -> DType.F64;
            default -> throw new AssertionError("element type " + number);
        };
    }

    private static Tensor tensor(UnknownFieldSet t) {
        int[] dims = t.getField(1).getVarintList().stream().mapToInt(Long::intValue).toArray();
        byte[] raw = t.getField(9).getLengthDelimitedList().getFirst().toByteArray();
        DType type = type(whole(t, 2));
        assertThat(raw).as("bytes of " + text(t, 8)).hasSize(new Shape(dims).count() * type.bytes());
        return Tensor.of(MemorySegment.ofArray(raw), type, dims);
    }

    private static Map<String, Signature> values(UnknownFieldSet graph, int field) {
        Map<String, Signature> all = new LinkedHashMap<>();
        for (UnknownFieldSet v : group(graph, field)) {
            UnknownFieldSet tensor = group(group(v, 2).getFirst(), 1).getFirst();
            int[] dims = group(group(tensor, 2).getFirst(), 1).stream().mapToInt(d -> (int) whole(d, 1)).toArray();
            assertThat(all.put(text(v, 1), new Signature(type(whole(tensor, 1)), new Shape(dims)))).isNull();
        }
        return all;
    }

    List<String> operators() {
        return nodes.stream().map(NodeOf::operator).toList();
    }

    /// Versions, every name once, operands before their readers, nothing unread, a shape for everything. Returns this.
    ParsedModel checked() {
        assertThat(irVersion).isEqualTo(9);
        assertThat(opset).isEqualTo(20);
        Set<String> known = new HashSet<>();
        inputs.keySet().forEach(name -> assertThat(known.add(name)).as("input " + name).isTrue());
        initializers.keySet().forEach(name -> assertThat(known.add(name)).as("initializer " + name).isTrue());
        Set<String> read = new HashSet<>();
        Set<String> nodeNames = new HashSet<>();
        for (NodeOf n : nodes) {
            assertThat(nodeNames.add(n.name)).as("node " + n.name).isTrue();
            List<String> given = n.inputs.stream().filter(s -> !s.isEmpty()).toList();
            assertThat(known).as("operands of " + n).containsAll(given);
            read.addAll(given);
            for (String out : n.outputs) {
                if (!out.isEmpty()) {
                    assertThat(known.add(out)).as("output " + out + " of " + n).isTrue();
                    assertThat(outputs.containsKey(out) || between.containsKey(out)).as("shape of " + out).isTrue();
                }
            }
        }
        List<String> computed = new ArrayList<>();
        nodes.forEach(n -> computed.addAll(n.outputs));
        assertThat(computed).containsAll(outputs.keySet()).containsAll(between.keySet());
        assertThat(read).as("what is read").containsAll(initializers.keySet());
        return this;
    }
}
