package dev.gatun.onnx.file;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.nn.io.AtomicFile;
import dev.gatun.ops.Signature;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A whole model: operations in the order in which they run, the numbers they start from, and the element types and
/// shapes of what goes in, comes out and lies between.
///
/// @param name what the model is called in the file
/// @param opset version of the operators
/// @param inputs names of the inputs
/// @param outputs names of the outputs
/// @param nodes the operations
/// @param initializers contiguous numbers by name
/// @param signatures types and shapes by name, of inputs and outputs at least
public record Model(String name, int opset, List<String> inputs, List<String> outputs, List<Node> nodes,
        Map<String, View> initializers, Map<String, Signature> signatures) {
    /// The first version of the file format that has every operator up to version 20.
    private static final int IR_VERSION = 9;

    /// Writes the model to `path`, replacing the file as a whole. Throws [IllegalArgumentException], before anything is
    /// written, when the file would pass the 2 GiB that a protocol buffer can have.
    public void write(Path path) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            Message message = message(arena);
            if (message.size() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("onnx: the file would have " + message.size() + " bytes, but a model"
                        + " in one file cannot pass " + Integer.MAX_VALUE + "; export it in parts");
            }
            AtomicFile.write(path, message::writeTo);
        }
    }

    /// ModelProto.
    private Message message(Arena arena) {
        Message graph = new Message();
        nodes.forEach(n -> graph.message(1, n.message()));
        graph.text(2, name);
        initializers.forEach((key, view) -> graph.message(5, tensor(key, view, arena)));
        inputs.forEach(key -> graph.message(11, value(key)));
        outputs.forEach(key -> graph.message(12, value(key)));
        signatures.keySet().stream().filter(key -> !inputs.contains(key) && !outputs.contains(key))
                .forEach(key -> graph.message(13, value(key)));
        return new Message().whole(1, IR_VERSION).text(2, "Gatun").message(7, graph)
                .message(8, new Message().text(1, "").whole(2, opset));
    }

    /// ValueInfoProto.
    private Message value(String key) {
        Signature signature = Objects.requireNonNull(signatures.get(key), key);
        Message shape = new Message();
        for (int dim : signature.shape().dims()) {
            shape.message(1, new Message().whole(1, dim));
        }
        Message tensor = new Message().whole(1, type(signature.dtype())).message(2, shape);
        return new Message().text(1, key).message(2, new Message().message(1, tensor));
    }

    /// TensorProto.
    private static Message tensor(String key, View view, Arena arena) {
        Message out = new Message();
        for (int dim : view.dims()) {
            out.whole(1, dim);
        }
        return out.whole(2, type(view.dtype())).text(8, key).bytes(9, littleEndian(view, arena));
    }

    private static MemorySegment littleEndian(View view, Arena arena) {
        MemorySegment bytes = view.bytes();
        if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN || view.dtype().bytes() == 1) {
            return bytes;
        }
        MemorySegment swapped = arena.allocate(bytes.byteSize(), 8);
        int size = view.dtype().bytes();
        for (long at = 0; at < bytes.byteSize(); at++) {
            swapped.set(ValueLayout.JAVA_BYTE, at / size * size + size - 1 - at % size,
                    bytes.get(ValueLayout.JAVA_BYTE, at));
        }
        return swapped;
    }

    /// The number of an element type in TensorProto.DataType.
    public static int type(DType dtype) {
        return switch (dtype) {
            case F32 -> 1;
            case U8 -> 2;
            case I32 -> 6;
            case I64 -> 7;
            case BOOL -> 9;
            case F64 -> 11;
        };
    }
}
