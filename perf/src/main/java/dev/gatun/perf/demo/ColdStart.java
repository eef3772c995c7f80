package dev.gatun.perf.demo;

import dev.gatun.nn.Session;
import dev.gatun.perf.fork.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// A JVM of its own that loads a network, compiles and warms a session, and answers once. What a service pays when it
/// starts, class loading and just-in-time compilation included.
final class ColdStart {
    private static final String DONE = "answered";

    private ColdStart() {}

    /// Milliseconds from starting the JVM until it has answered.
    static double measure(Path file, DigitData data) throws IOException, InterruptedException {
        List<String> command = JavaCommand.like(ColdStart.class.getName(), List.of());
        command.addAll(List.of(file.toString(), Integer.toString(data.height()), Integer.toString(data.width()),
                Integer.toString(data.classes())));
        long start = System.nanoTime();
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(DONE)) {
                    double millis = (System.nanoTime() - start) / 1e6;
                    child.waitFor();
                    return millis;
                }
                said.append(line).append('\n');
            }
        }
        throw new IllegalStateException("cold start: the JVM ended with " + child.waitFor() + " and said: " + said);
    }

    /// Loads, compiles, answers: `FILE HEIGHT WIDTH CLASSES`.
    public static void main(String[] words) throws IOException {
        int height = Integer.parseInt(words[1]);
        int width = Integer.parseInt(words[2]);
        int classes = Integer.parseInt(words[3]);
        try (Session session = Serving.load(Path.of(words[0]), height, width, classes)) {
            MemorySegment image = Arena.ofAuto().allocate(4L * height * width, 64);
            session.run(image, Arena.ofAuto().allocate(4L * classes, 64));
            System.out.println(DONE);
        }
    }
}
