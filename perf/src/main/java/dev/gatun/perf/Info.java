package dev.gatun.perf;

import dev.gatun.kernels.FastPath;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.NoFastPathException;
import dev.gatun.nn.io.AtomicFile;
import dev.gatun.ops.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// `gatun info`: what really runs on this machine.
public final class Info {
    private static final String HELP = """
            usage: ./gatun info [--json FILE]

            Prints what really runs on this machine: JDK, compiler, vector width, fused multiply-add, cache sizes,
            threads, and the reason if it is not the fast path.

              --json FILE   also write the facts to FILE
            """;

    private Info() {}

    /// Prints the facts. Exits with 1 when there are no kernels to run, with 2 for wrong arguments.
    public static void main(String[] words) throws IOException {
        if (List.of(words).contains("--help")) {
            System.out.print(HELP);
            return;
        }
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(words), List.of("--json"));
        } catch (Arguments.UsageException e) {
            System.err.println("info: " + e.getMessage());
            System.exit(2);
            return;
        }
        FastPath path = FastPath.detect();
        path.lines().forEach(System.out::println);
        String kernels;
        int threads = 0;
        try (Engine engine = Engine.builder().build()) {
            kernels = engine.kernels().name();
            threads = engine.kernels().threads().count();
        } catch (NoFastPathException e) {
            kernels = "none";
        }
        System.out
                .println("kernels        " + kernels + " (-D" + Kernels.PROPERTY + "=reference chooses the slow ones)");
        System.out.println("threads        " + threads);
        if (arguments.text("--json").isPresent()) {
            AtomicFile.writeText(Path.of(arguments.text("--json").get()), json(path, kernels, threads));
        }
        if (kernels.equals("none")) {
            System.exit(1);
        }
    }

    private static String json(FastPath path, String kernels, int threads) {
        String problem = path.problem();
        return String.format(Locale.ROOT, """
                {"jdk": %s, "compiler": %s, "vector_bits": %d, "fma": %b, "caches": %s, "processors": %d,
                 "kernels": %s, "threads": %d, "problem": %s}
                """, quoted(path.jdk()), quoted(path.compiler()), path.vectorBits(), path.fma(),
                quoted(path.caches().toString()), path.processors(), quoted(kernels), threads,
                problem == null ? "null" : quoted(problem));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
