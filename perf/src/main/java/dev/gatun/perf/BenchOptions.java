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
public record BenchOptions(int threads, double seconds, Pattern only, @Nullable Path json) {
    /// From `SUITE --option value …`; throws [IllegalArgumentException] with what is wrong.
    static BenchOptions parse(String[] arguments) {
        int threads = Runtime.getRuntime().availableProcessors();
        double seconds = 2;
        Pattern only = Pattern.compile("");
        Path json = null;
        for (int i = 1; i < arguments.length; i += 2) {
            String option = arguments[i];
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
        return new BenchOptions(threads, seconds, only, json);
    }
}
