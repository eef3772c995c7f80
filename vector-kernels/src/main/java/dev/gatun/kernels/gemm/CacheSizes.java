package dev.gatun.kernels.gemm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Data caches of one core in bytes.
///
/// @param l1 first level
/// @param l2 second level
public record CacheSizes(int l1, int l2) {
    /// Where the system does not say.
    public static final CacheSizes DEFAULT = new CacheSizes(32 << 10, 512 << 10);

    /// What Linux says of the first processor; [#DEFAULT] for what it does not say.
    public static CacheSizes detect() {
        Path root = Path.of("/sys/devices/system/cpu/cpu0/cache");
        int l1 = DEFAULT.l1;
        int l2 = DEFAULT.l2;
        for (int i = 0; i < 8; i++) {
            Path index = root.resolve("index" + i);
            String type = read(index.resolve("type"));
            int size = bytes(read(index.resolve("size")));
            if (size > 0 && (type.equals("Data") || type.equals("Unified"))) {
                switch (read(index.resolve("level"))) {
                    case "1" -> l1 = size;
                    case "2" -> l2 = size;
                    default -> {
                        // A third level is shared, and no block is cut for it.
                    }
                }
            }
        }
        return new CacheSizes(l1, l2);
    }

    private static String read(Path file) {
        try {
            return Files.isReadable(file) ? Files.readString(file).strip() : "";
        } catch (IOException unreadable) {
            return "";
        }
    }

    /// `48K`, `2048K`, `2M` or a plain number; 0 when it is none of these.
    static int bytes(String text) {
        String t = text.toUpperCase(Locale.ROOT);
        int shift = t.endsWith("K") ? 10 : t.endsWith("M") ? 20 : 0;
        String digits = shift == 0 ? t : t.substring(0, t.length() - 1);
        return digits.matches("[0-9]{1,6}") && Long.parseLong(digits) << shift <= Integer.MAX_VALUE
                ? Integer.parseInt(digits) << shift
                : 0;
    }
}
