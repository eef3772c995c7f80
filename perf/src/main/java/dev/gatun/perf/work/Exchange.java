package dev.gatun.perf.work;

import dev.gatun.nn.Module;
import dev.gatun.ops.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/// The folder through which the sides of a comparison share a model and its inputs.
final class Exchange {
    private Exchange() {}

    /// `model.onnx`, the same weights for the peers.
    static void writeModel(Module module, Shape input, Path folder) throws IOException {
        throw new UnsupportedOperationException("no exporter");
    }

    /// Raw numbers, little-endian.
    static void write(Path file, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Files.write(file, bytes.array());
    }

    /// Raw numbers, little-endian.
    static void write(Path file, long[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        Files.write(file, bytes.array());
    }

    /// Normal random numbers, the same for the same seed.
    static float[] normals(long count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /// Whole numbers from 0 to below `limit`.
    static long[] ids(long count, int limit, long seed) {
        Random random = new Random(seed);
        return random.longs(count, 0, limit).toArray();
    }
}
