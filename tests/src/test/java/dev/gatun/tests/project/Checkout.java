package dev.gatun.tests.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Where the sources and the compiled modules of this checkout lie.
final class Checkout {
    /// Every module whose code ends up with a user, in the order in which they may depend on each other.
    static final List<String> CORE = List.of("vector-kernels", "ops", "nn", "onnx");
    static final List<String> MODULES = List.of("vector-kernels", "ops", "nn", "onnx", "perf", "tests");

    private Checkout() {}

    /// The folder with the parent pom. Surefire sets `basedir` to that of the module under test.
    static Path root() {
        String module = System.getProperty("basedir");
        Path start = module == null ? Path.of("").toAbsolutePath() : Path.of(module);
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("gatun"))) return folder;
        }
        throw new IllegalStateException("no folder above " + start + " holds the launcher");
    }

    static Path classes(String module) {
        return root().resolve(module).resolve("target/classes");
    }

    static Path sources(String module) {
        return root().resolve(module).resolve("src/main/java");
    }

    /// All `.java` files below `folder`, sorted; none when it does not exist.
    static List<Path> javaFiles(Path folder) {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(".java")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
