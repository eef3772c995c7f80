package dev.gatun.perf.fork;

import dev.gatun.perf.fork.Work.Order;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// The parent's half of the conversation with one child process; see [ChildLoop] for the requests.
public final class Fork implements AutoCloseable {
    private static final int KEPT_LINES = 20;
    private static final long GRACE_SECONDS = 60;

    /// A child that answered with an error, died, or did not answer in time.
    public static final class ForkException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ForkException(String message) {
            super(message);
        }
    }

    /// What [#run] measured.
    ///
    /// @param nanos duration of each call, in order
    /// @param bytesPerCall what the calling thread allocated on the Java heap
    public record Slice(long[] nanos, double bytesPerCall) {}

    private final String name;
    private final Process process;
    private final BufferedReader in;
    private final Writer out;
    private final Deque<String> said = new ArrayDeque<>();

    private Fork(String name, Process process) {
        this.name = name;
        this.process = process;
        this.in = process.inputReader(StandardCharsets.UTF_8);
        this.out = process.outputWriter(StandardCharsets.UTF_8);
        Thread errors = new Thread(() -> process.errorReader(StandardCharsets.UTF_8).lines().forEach(this::keep),
                name + "-errors");
        errors.setDaemon(true);
        errors.start();
    }

    /// Starts a child. It need not be up yet when this returns.
    public static Fork start(String name, List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        try {
            return new Fork(name, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("fork: " + name + " cannot be started", e);
        }
    }

    /// What the side is called.
    public String name() {
        return name;
    }

    /// The child's process id.
    public long pid() {
        return process.pid();
    }

    /// Opens a case and runs it once; the facts the child gave.
    public Map<String, String> open(Order order) {
        StringBuilder line = new StringBuilder("open\t").append(order.name()).append('\t').append(order.threads())
                .append('\t').append(order.folder());
        order.options().forEach((key, value) -> line.append('\t').append(key).append('=').append(value));
        Map<String, String> facts = new HashMap<>();
        for (String fact : ask(line.toString(), 300)) {
            int equals = fact.indexOf('=');
            if (equals > 0) {
                facts.put(fact.substring(0, equals), fact.substring(equals + 1));
            }
        }
        return facts;
    }

    /// The numbers of the last run, through `file`.
    public float[] answer(Path file) {
        ask("answer\t" + file, 60);
        try {
            byte[] bytes = Files.readAllBytes(file);
            float[] values = new float[bytes.length / 4];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException("fork: the answer of " + name + " cannot be read", e);
        }
    }

    /// Runs until `settle` seconds have brought less than 3 %, at most for `most`.
    public void warm(double settle, double most) {
        ask("warm\t" + settle + "\t" + most, most);
    }

    /// Runs for `seconds`, at least once and at most `mostCalls` times.
    public Slice run(double seconds, int mostCalls) {
        String[] words = ask("run\t" + seconds + "\t" + mostCalls, seconds);
        long[] nanos = new long[words.length - 1];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = Long.parseLong(words[i + 1]);
        }
        return new Slice(nanos, Double.parseDouble(words[0]));
    }

    /// Calls per second of `count` threads together.
    public double callers(int count, double seconds) {
        return Double.parseDouble(ask("callers\t" + count + "\t" + seconds, seconds)[0]);
    }

    /// Closes what was opened last.
    public void closeWork() {
        ask("close", 0);
    }

    /// The most memory the child ever had in RAM, bytes; NaN where the system does not say.
    public double peakBytes() {
        return status("VmHWM:") * 1024;
    }

    /// Threads the child has now, those of its JVM included; NaN where the system does not say.
    public double threads() {
        return status("Threads:");
    }

    private double status(String key) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
                    .filter(line -> line.startsWith(key))
                    .mapToDouble(line -> Double.parseDouble(line.substring(key.length()).replace("kB", "").strip()))
                    .findFirst().orElse(Double.NaN);
        } catch (IOException notLinux) {
            return Double.NaN;
        }
    }

    private String[] ask(String request, double seconds) {
        AtomicBoolean answered = new AtomicBoolean();
        Thread watch = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep((long) ((seconds + GRACE_SECONDS) * 1000));
                if (!answered.get()) {
                    keep("no answer to " + request + " in time");
                    process.destroyForcibly();
                }
            } catch (InterruptedException done) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            out.write(request + "\n");
            out.flush();
            String line = in.readLine();
            while (line != null && !line.startsWith(ChildLoop.MARK)) {
                keep(line);
                line = in.readLine();
            }
            if (line == null) {
                throw new ForkException(name + " died" + words());
            }
            String[] answer = line.substring(ChildLoop.MARK.length()).split("\t", -1);
            if (answer[0].equals("error")) {
                throw new ForkException(answer.length > 1 ? answer[1] : "an error without a message");
            }
            return answer.length == 1 ? new String[] {""} : java.util.Arrays.copyOfRange(answer, 1, answer.length);
        } catch (IOException broken) {
            throw new ForkException(name + " died" + words());
        } finally {
            answered.set(true);
            watch.interrupt();
        }
    }

    private void keep(String line) {
        synchronized (said) {
            said.addLast(line);
            if (said.size() > KEPT_LINES) {
                said.removeFirst();
            }
        }
    }

    private String words() {
        synchronized (said) {
            return said.isEmpty() ? "" : "; it said: " + String.join(" / ", said);
        }
    }

    /// Ends the child; it has three seconds to go by itself.
    @Override
    public void close() {
        try {
            out.close();
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException alreadyGone) {
            process.destroyForcibly();
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
