package dev.gatun.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs a main class of this module's tests in another JVM, on the class path, with extra flags.
public record ChildJvm(int exit, String output) {
    /// Starts `main` with `flags` before it and `arguments` behind, waits at most `seconds`, and collects what it prints.
    public static ChildJvm run(Class<?> main, List<String> flags, int seconds, String... arguments) {
        try {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("--add-modules=jdk.incubator.vector");
            command.addAll(flags);
            command.add("-cp");
            command.add(String.join(java.io.File.pathSeparator, "target/test-classes",
                    System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path", "")));
            command.add(main.getName());
            command.addAll(List.of(arguments));
            Path log = Files.createTempFile("gatun-child", ".log");
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            String output = Files.readString(log, StandardCharsets.UTF_8);
            Files.delete(log);
            if (!ended) {
                throw new AssertionError(main.getSimpleName() + " did not end within " + seconds + " s:\n" + output);
            }
            return new ChildJvm(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
