package dev.gatun.perf;

import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Options that all suites share.
///
/// @param threads threads for every side
/// @param seconds time measured per row, all sides together
/// @param only rows whose name it finds something in
/// @param json where to write the rows, or null
/// @param peers whether the native engines take part
/// @param home the checkout, where the peers lie once they are built
public record BenchOptions(int threads, double seconds, Pattern only, @Nullable Path json, boolean peers, Path home) {
    /// The system property with the folder of the checkout, set by the launcher.
    static final String HOME = "gatun.home";

    /// From `--option value …`, beginning at `from`; throws [IllegalArgumentException] with what is wrong.
    static BenchOptions parse(String[] arguments, int from) {
        int threads = Runtime.getRuntime().availableProcessors();
        double seconds = 2;
        Pattern only = Pattern.compile("");
        Path json = null;
        boolean peers = true;
        for (int i = from; i < arguments.length; i += 2) {
            String option = arguments[i];
            if (option.equals("--no-peers")) {
                peers = false;
                i--;
                continue;
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException("bench: an option without a value: " + option);
            }
            String value = arguments[i + 1];
            try {
                switch (option) {
                    case "--threads" -> threads = Integer.parseInt(value);
                    case "--seconds" -> seconds = Double.parseDouble(value);
                    case "--only" -> only = Pattern.compile(value);
                    case "--json" -> json = Path.of(value);
                    default -> throw new IllegalArgumentException("bench: unknown option: " + option);
                }
            } catch (NumberFormatException | PatternSyntaxException wrong) {
                throw new IllegalArgumentException("bench: " + option + " cannot be " + value, wrong);
            }
        }
        if (threads < 1 || threads > 1024 || !(seconds > 0) || seconds > 3600) {
            throw new IllegalArgumentException(
                    "bench: threads must be 1 to 1024 and seconds above 0: " + threads + ", " + seconds);
        }
        return new BenchOptions(threads, seconds, only, json, peers, Path.of(System.getProperty(HOME, ".")));
    }

    boolean wants(String name) {
        return only.matcher(name).find();
    }

    BenchOptions withThreads(int count) {
        return new BenchOptions(count, seconds, only, json, peers, home);
    }
}
