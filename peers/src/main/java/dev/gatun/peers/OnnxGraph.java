package dev.gatun.peers;

import dev.gatun.peers.ProtoReader.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an ONNX file says, as far as a graph of tensors needs it; field numbers as in `onnx.proto3`.
///
/// @param nodes in an order in which they can be computed
/// @param constants the tensors stored in the file, by name
/// @param inputs what is to be fed, in order, without the constants
/// @param outputs names of the results
record OnnxGraph(List<OnnxNode> nodes, Map<String, Constant> constants, List<Input> inputs, List<String> outputs) {
    static final int FLOAT = 1;
    static final int INT32 = 6;
    static final int INT64 = 7;
    static final int BOOL = 9;

    /// A stored tensor, row-major, little-endian.
    record Constant(long[] dims, int type, ByteBuffer data) {
        long[] toLongs() {
            long[] values = new long[Math.toIntExact(count(dims))];
            ByteBuffer bytes = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < values.length; i++) {
                values[i] = switch (type) {
                    case INT64 -> bytes.getLong(8 * i);
                    case INT32 -> bytes.getInt(4 * i);
                    case FLOAT -> (long) bytes.getFloat(4 * i);
                    default -> throw new IllegalArgumentException("onnx: no whole numbers in type " + type);
                };
            }
            return values;
        }

        float[] toFloats() {
            if (type != FLOAT) {
                throw new IllegalArgumentException("onnx: no floats in type " + type);
            }
            float[] values = new float[Math.toIntExact(count(dims))];
            data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            return values;
        }
    }

    /// A tensor to be fed.
    record Input(String name, int type, long[] dims) {}

    static long count(long[] dims) {
        long n = 1;
        for (long d : dims) {
            n *= d;
        }
        return n;
    }

    /// Throws when `model` is no ONNX model.
    static OnnxGraph parse(ByteBuffer model) {
        for (Field field : new ProtoReader(model)) {
            if (field.number() == 7) {
                return graph(field.bytes());
            }
        }
        throw new IllegalArgumentException("onnx: the file holds no graph");
    }

    private static OnnxGraph graph(ByteBuffer bytes) {
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, Constant> constants = new HashMap<>();
        List<Input> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        for (Field field : new ProtoReader(bytes)) {
            switch (field.number()) {
                case 1 -> nodes.add(node(field.bytes()));
                case 5 -> named(field.bytes(), constants);
                case 11 -> inputs.add(input(field.bytes()));
                case 12 -> outputs.add(input(field.bytes()).name());
                default -> {
                }
            }
        }
        inputs.removeIf(input -> constants.containsKey(input.name()));
        return new OnnxGraph(nodes, constants, inputs, outputs);
    }

    private static OnnxNode node(ByteBuffer bytes) {
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        Map<String, Object> attributes = new LinkedHashMap<>();
        String type = "";
        for (Field field : new ProtoReader(bytes)) {
            switch (field.number()) {
                case 1 -> inputs.add(field.text());
                case 2 -> outputs.add(field.text());
                case 4 -> type = field.text();
                case 5 -> attribute(field.bytes(), attributes);
                default -> {
                }
            }
        }
        return new OnnxNode(type, inputs, outputs, attributes);
    }

    private static void attribute(ByteBuffer bytes, Map<String, Object> attributes) {
        String name = "";
        Object value = null;
        List<Long> integers = new ArrayList<>();
        List<Float> floats = new ArrayList<>();
        for (Field field : new ProtoReader(bytes)) {
            switch (field.number()) {
                case 1 -> name = field.text();
                case 2 -> value = field.real();
                case 3 -> value = field.number64();
                case 4 -> value = field.text();
                case 5 -> value = tensor(field.bytes());
                case 7 -> field.reals(floats);
                case 8 -> field.numbers(integers);
                default -> {
                }
            }
        }
        if (value == null) {
            value = floats.isEmpty() ? integers.stream().mapToLong(Long::longValue).toArray() : floats;
        }
        attributes.put(name, value);
    }

    private static void named(ByteBuffer bytes, Map<String, Constant> into) {
        for (Field field : new ProtoReader(bytes)) {
            if (field.number() == 8) {
                into.put(field.text(), tensor(bytes));
                return;
            }
        }
        throw new IllegalArgumentException("onnx: a stored tensor without a name");
    }

    private static Constant tensor(ByteBuffer bytes) {
        List<Long> dims = new ArrayList<>();
        List<Float> floats = new ArrayList<>();
        List<Long> integers = new ArrayList<>();
        int type = 0;
        @Nullable
        ByteBuffer raw = null;
        for (Field field : new ProtoReader(bytes)) {
            switch (field.number()) {
                case 1 -> field.numbers(dims);
                case 2 -> type = (int) field.number64();
                case 4 -> field.reals(floats);
                case 5, 7 -> field.numbers(integers);
                case 9 -> raw = field.bytes();
                case 13 -> throw new IllegalArgumentException("onnx: tensors in other files are not read");
                default -> {
                }
            }
        }
        long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
        return new Constant(shape, type, raw != null ? raw : packed(type, floats, integers));
    }

    private static ByteBuffer packed(int type, List<Float> floats, List<Long> integers) {
        ByteBuffer data = ByteBuffer.allocate(4 * floats.size() + 8 * integers.size()).order(ByteOrder.LITTLE_ENDIAN);
        floats.forEach(data::putFloat);
        for (long value : integers) {
            if (type == INT64) {
                data.putLong(value);
            } else {
                data.putInt((int) value);
            }
        }
        return data.flip();
    }

    private static Input input(ByteBuffer bytes) {
        String name = "";
        int type = 0;
        List<Long> dims = new ArrayList<>();
        for (Field field : new ProtoReader(bytes)) {
            if (field.number() == 1) {
                name = field.text();
            } else if (field.number() == 2) {
                for (Field tensor : new ProtoReader(field.child(1))) {
                    if (tensor.number() == 1) {
                        type = (int) tensor.number64();
                    } else if (tensor.number() == 2) {
                        for (Field dim : new ProtoReader(tensor.bytes())) {
                            dims.add(dim.inner(1));
                        }
                    }
                }
            }
        }
        return new Input(name, type, dims.stream().mapToLong(Long::longValue).toArray());
    }
}
