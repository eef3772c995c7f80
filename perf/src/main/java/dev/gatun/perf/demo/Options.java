package dev.gatun.perf.demo;

import dev.gatun.perf.Arguments;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the command line asks for.
record Options(@Nullable Path data, @Nullable Path json, Path out, int epochs, long seed, int threads) {
    static final String HELP = """
            usage: ./gatun demo [--data DIR] [--json FILE] [--out DIR] [--epochs N] [--seed N] [--threads N]

            Trains a small convolutional network on the UCI handwritten digits, shows how well it reads them, saves it,
            loads it again and measures the compiled session.

              --data DIR    train on the IDX files in DIR (MNIST's four files, gzipped or not) instead
              --json FILE   also write the figures to FILE
              --out DIR     where the pictures and the model go (default: target/demo)
              --epochs N    passes over the training data (default: 15; 3 with --data)
              --seed N      seed of the split, the weights, the order and the dropout (default: 1)
              --threads N   threads to train with (default: all processors)
            """;

    static Options parse(String[] words) {
        Arguments a = Arguments.parse(List.of(words),
                List.of("--data", "--json", "--out", "--epochs", "--seed", "--threads"));
        @Nullable
        Path data = a.text("--data").map(Path::of).orElse(null);
        int processors = Runtime.getRuntime().availableProcessors();
        return new Options(data, a.text("--json").map(Path::of).orElse(null),
                Path.of(a.text("--out").orElse("target/demo")),
                Math.toIntExact(a.number("--epochs", 1).orElse(data == null ? 15L : 3L)),
                a.number("--seed", Long.MIN_VALUE).orElse(1L),
                Math.toIntExact(a.number("--threads", 1).orElse((long) processors)));
    }
}
