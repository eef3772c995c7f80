package dev.gatun.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// The raw numbers that all sides are fed.
final class InputFile {
    private InputFile() {}

    /// A whole file in native memory, little-endian.
    static ByteBuffer read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip().order(ByteOrder.LITTLE_ENDIAN);
    }
}
