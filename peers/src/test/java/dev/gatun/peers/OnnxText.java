package dev.gatun.peers;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Writes ONNX models of a few nodes for tests: protocol-buffer messages, field by field.
final class OnnxText {
    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static void number(ByteArrayOutputStream out, int field, long value) {
        varint(out, field << 3L);
        varint(out, value);
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        varint(out, field << 3 | 2);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void text(ByteArrayOutputStream out, int field, String value) {
        bytes(out, field, value.getBytes(StandardCharsets.UTF_8));
    }

    private static void message(ByteArrayOutputStream out, int field, Consumer<ByteArrayOutputStream> fill) {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        fill.accept(inner);
        bytes(out, field, inner.toByteArray());
    }

    OnnxText input(String name, int type, long... dims) {
        value(11, name, type, dims);
        return this;
    }

    OnnxText output(String name) {
        message(graph, 12, v -> {
            text(v, 1, name);
            message(v, 2, t -> message(t, 1, tensor -> number(tensor, 1, OnnxGraph.FLOAT)));
        });
        return this;
    }

    private void value(int field, String name, int type, long... dims) {
        message(graph, field, v -> {
            text(v, 1, name);
            message(v, 2, t -> message(t, 1, tensor -> {
                number(tensor, 1, type);
                message(tensor, 2, shape -> {
                    for (long d : dims) {
                        message(shape, 1, dim -> number(dim, 1, d));
                    }
                });
            }));
        });
    }

    OnnxText floats(String name, float[] values, long... dims) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return tensor(name, OnnxGraph.FLOAT, raw.array(), dims);
    }

    OnnxText longs(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return tensor(name, OnnxGraph.INT64, raw.array(), values.length);
    }

    private OnnxText tensor(String name, int type, byte[] raw, long... dims) {
        message(graph, 5, t -> {
            for (long d : dims) {
                number(t, 1, d);
            }
            number(t, 2, type);
            text(t, 8, name);
            bytes(t, 9, raw);
        });
        return this;
    }

    /// `inputs` and `outputs` divided by spaces; attributes as `name, value` with Long, Float, long[] or String values.
    OnnxText node(String type, String inputs, String outputs, Object... attributes) {
        message(graph, 1, n -> {
            for (String input : inputs.split(" ")) {
                text(n, 1, input.equals("-") ? "" : input);
            }
            for (String output : outputs.split(" ")) {
                text(n, 2, output.equals("-") ? "" : output);
            }
            text(n, 4, type);
            for (int i = 0; i < attributes.length; i += 2) {
                String name = (String) attributes[i];
                Object value = attributes[i + 1];
                message(n, 5, a -> attribute(a, name, value));
            }
        });
        return this;
    }

    private static void attribute(ByteArrayOutputStream a, String name, Object value) {
        text(a, 1, name);
        switch (value) {
            case Long number -> {
                number(a, 3, number);
                number(a, 20, 2);
            }
            case Float real -> {
                varint(a, 2 << 3 | 5);
                a.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(real).array());
                number(a, 20, 1);
            }
            case String word -> {
                text(a, 4, word);
                number(a, 20, 3);
            }
            case long[] numbers -> {
                for (long v : numbers) {
                    number(a, 8, v);
                }
                number(a, 20, 7);
            }
            default -> throw new IllegalArgumentException(name);
        }
    }

    byte[] model() {
        ByteArrayOutputStream model = new ByteArrayOutputStream();
        number(model, 1, 9);
        message(model, 8, opset -> {
            text(opset, 1, "");
            number(opset, 2, 20);
        });
        text(graph, 2, "test");
        bytes(model, 7, graph.toByteArray());
        return model.toByteArray();
    }
}
