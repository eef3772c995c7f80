package dev.gatun.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Data caches of one processor in bytes; −1 where the system does not say.
///
/// @param l1 first level
/// @param l2 second level
/// @param l3 third level, all of it
public record CacheSizes(long l1, long l2, long l3) {
    /// Nothing known.
    public static final CacheSizes UNKNOWN = new CacheSizes(-1, -1, -1);

    /// From Linux's `cache` folder of a processor; [#UNKNOWN] elsewhere.
    static CacheSizes read(Path folder) {
        long[] sizes = {-1, -1, -1};
        for (int i = 0; i < 8; i++) {
            Path index = folder.resolve("index" + i);
            if (!Files.isDirectory(index)) {
                break;
            }
            try {
                int level = Integer.parseInt(Files.readString(index.resolve("level")).strip());
                String type = Files.readString(index.resolve("type")).strip();
                String size = Files.readString(index.resolve("size")).strip();
                if (level >= 1 && level <= 3 && !type.equals("Instruction")) {
                    sizes[level - 1] = bytes(size);
                }
            } catch (IOException | NumberFormatException unreadable) {
                return UNKNOWN;
            }
        }
        return new CacheSizes(sizes[0], sizes[1], sizes[2]);
    }

    private static long bytes(String size) {
        char unit = size.charAt(size.length() - 1);
        long scale = unit == 'K' ? 1 << 10 : unit == 'M' ? 1 << 20 : 1;
        return scale * Long.parseLong(scale == 1 ? size : size.substring(0, size.length() - 1));
    }

    @Override
    public String toString() {
        return "L1 " + text(l1) + ", L2 " + text(l2) + ", L3 " + text(l3);
    }

    private static String text(long bytes) {
        return bytes < 0 ? "unknown" : bytes / 1024 + " KiB";
    }
}
