package dev.gatun.perf.work;

import dev.gatun.kernels.DType;
import dev.gatun.nn.Module;
import dev.gatun.onnx.OnnxExport;
import dev.gatun.onnx.OnnxExportException;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/// The files through which the sides of a comparison share a model and its inputs.
final class Exchange {
    private Exchange() {}

    /// `model.onnx`, the same weights for the peers. Throws [OnnxExportException] where ONNX has no words for it.
    static void writeModel(Module module, Tensor sample, Path folder) throws IOException {
        OnnxExport.of(module).input("x", sample).output("y").write(folder.resolve("model.onnx"));
    }

    /// The raw numbers of an F32 or I64 tensor, little-endian.
    static byte[] bytes(Tensor tensor) {
        int count = Math.toIntExact(tensor.count());
        if (tensor.dtype() == DType.I64) {
            ByteBuffer bytes = ByteBuffer.allocate(8 * count).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asLongBuffer().put(tensor.toLongs());
            return bytes.array();
        }
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor.toFloats());
        return bytes.array();
    }
}
