package dev.gatun.perf.fork;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A busy neighbour: a process that keeps one processor occupied until its input ends, so that it never outlives the
/// one who started it.
public final class Spinner implements AutoCloseable {
    private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final List<Process> processes = new ArrayList<>();

    /// Starts `count` of them.
    public Spinner(int count) throws IOException {
        List<String> command = JavaCommand.like(Spinner.class.getName(), List.of("-Xint", "-XX:+UseSerialGC"));
        for (int i = 0; i < count; i++) {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            processes.add(process);
            process.inputReader().readLine();
        }
    }

    /// Spins until the input ends, at most ten minutes.
    public static void main(String[] none) throws IOException {
        Thread spin = new Thread(() -> {
            long start = System.nanoTime();
            while (System.nanoTime() - start < MOST_NANOS) {
                Thread.onSpinWait();
            }
        }, "spin");
        spin.setDaemon(true);
        spin.start();
        System.out.println("spinning");
        int read = System.in.read();
        System.exit(read < 0 ? 0 : 1);
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
