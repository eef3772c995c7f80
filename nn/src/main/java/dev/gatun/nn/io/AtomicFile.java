package dev.gatun.nn.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Replaces a file as a whole: what is written goes to a temporary file beside it, is forced to the disk, and takes the
/// name in one step. A crash leaves the old file or the new one, never half of either.
public final class AtomicFile {
    /// Writes the content.
    @FunctionalInterface
    public interface Content {
        /// Writes everything to `channel`, from position 0.
        void writeTo(FileChannel channel) throws IOException;
    }

    private AtomicFile() {}

    /// Writes `content` to `path`, making missing folders. When `content` throws, `path` is as it was.
    public static void write(Path path, Content content) throws IOException {
        Path target = path.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException("not a file: " + path);
        }
        Files.createDirectories(folder);
        // Not createTempFile: its files may be read by the owner alone, and the name would keep those rights.
        Path temporary = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        forceFolder(folder);
    }

    /// Writes text as UTF-8.
    public static void writeText(Path path, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write(path, channel -> {
            ByteBuffer from = ByteBuffer.wrap(bytes);
            while (from.hasRemaining()) {
                channel.write(from);
            }
        });
    }

    /// The new name is on the disk only when the folder is; Windows cannot open folders and needs no such step.
    private static void forceFolder(Path folder) throws IOException {
        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
