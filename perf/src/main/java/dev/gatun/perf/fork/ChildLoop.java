package dev.gatun.perf.fork;

import com.sun.management.ThreadMXBean;
import dev.gatun.perf.measure.Steady;
import dev.gatun.perf.fork.Work.Opener;
import dev.gatun.perf.fork.Work.Order;
import dev.gatun.perf.measure.Throughput;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// The child's half of the conversation. Requests are lines of words divided by tabs; each is answered by one line that
/// begins with [#MARK], so that whatever native libraries print is told apart.
///
/// | request | answer |
/// |---|---|
/// | `open NAME THREADS FOLDER KEY=VALUE…` | `ok KEY=VALUE…` after the first run; opens beside what is open already |
/// | `answer FILE` | `ok COUNT`; the answer of the last run as raw floats, little-endian |
/// | `warm SETTLE MOST` | `ok`, when `SETTLE` seconds brought less than 3 % and no compiled code, or after `MOST` |
/// | `run SECONDS MOST` | `ok BYTES N1 N2 …`: bytes allocated per call, nanoseconds of each of at most `MOST` calls |
/// | `callers COUNT SECONDS` | `ok CALLS-PER-SECOND` of so many threads |
/// | `close` | `ok`, when what was opened last is closed |
///
/// An answer `error MESSAGE` leaves the child as it was. The end of the input ends the child.
public final class ChildLoop {
    /// What the lines of the protocol begin with.
    public static final String MARK = "gatun> ";

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int MOST_CALLS = 1 << 20;

    private final Opener opener;
    private final Deque<Work> open = new ArrayDeque<>();
    private final long[] nanos = new long[MOST_CALLS];

    private ChildLoop(Opener opener) {
        this.opener = opener;
    }

    /// Answers requests until the input ends. What anybody prints to `System.out` meanwhile goes to `System.err`.
    public static void serve(Opener opener) throws IOException {
        PrintStream out = System.out;
        System.setOut(System.err);
        serve(opener, new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)), out);
    }

    static void serve(Opener opener, BufferedReader in, PrintStream out) throws IOException {
        ChildLoop loop = new ChildLoop(opener);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = "ok\t" + loop.answer(line.split("\t", -1));
            } catch (Exception | LinkageError | OutOfMemoryError failure) {
                answer = "error\t" + describe(failure);
            }
            out.print(MARK + answer.strip() + "\n");
            out.flush();
        }
        while (!loop.open.isEmpty()) {
            loop.open.pop().close();
        }
    }

    private static String describe(Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable t = failure; t != null; t = t.getCause()) {
            text.append(text.isEmpty() ? "" : "; because of ").append(t);
        }
        return text.toString().replaceAll("\\s+", " ");
    }

    private String answer(String[] words) throws Exception {
        return switch (words[0]) {
            case "open" -> {
                Work work = opener.open(order(words));
                open.push(work);
                work.run();
                StringBuilder facts = new StringBuilder();
                work.facts().forEach((key, value) -> facts.append(key).append('=')
                        .append(value.replaceAll("\\s+", " ")).append('\t'));
                yield facts.toString();
            }
            case "answer" -> write(current().answer(), Path.of(words[1]));
            case "warm" -> warm(current(), Double.parseDouble(words[1]), Double.parseDouble(words[2]));
            case "run" -> run(current(), Double.parseDouble(words[1]), Integer.parseInt(words[2]));
            case "callers" -> Double.toString(Throughput.measure(current()::caller, Integer.parseInt(words[1]),
                    Double.parseDouble(words[2])));
            case "close" -> {
                current();
                open.pop().close();
                yield "";
            }
            default -> throw new IllegalArgumentException("unknown request " + Arrays.toString(words));
        };
    }

    private Work current() {
        Work work = open.peek();
        if (work == null) {
            throw new IllegalStateException("nothing is open");
        }
        return work;
    }

    private static Order order(String[] words) {
        Map<String, String> options = new HashMap<>();
        for (int i = 4; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            options.put(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        return new Order(words[1], Integer.parseInt(words[2]), Path.of(words[3]), options);
    }

    private static String write(float[] values, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Files.write(file, bytes.array());
        return Integer.toString(values.length);
    }

    private static String warm(Work work, double settle, double most) throws Exception {
        Steady steady = new Steady(settle);
        long start = System.nanoTime();
        long now = start;
        boolean reached = false;
        while (now - start < most * 1e9 && !reached) {
            // A dozen calls or a millisecond, whatever is longer, tell more than one call; a long call stands alone.
            long from = now;
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            int calls = 0;
            do {
                work.run();
                calls++;
                now = System.nanoTime();
            } while (now - from < 1_000_000 || (calls < 12 && now - from < 20_000_000));
            boolean boxes = work.allocatesNothing() && THREADS.getCurrentThreadAllocatedBytes() != allocated;
            reached = steady.isReached(now, (double) (now - from) / calls, boxes);
        }
        return "";
    }

    private String run(Work work, double seconds, int most) throws Exception {
        long limit = (long) (seconds * 1e9);
        int n = 0;
        int end = Math.min(most, MOST_CALLS);
        // Somebody else had the caches.
        work.run();
        THREADS.getCurrentThreadAllocatedBytes();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        long before = start;
        do {
            work.run();
            long after = System.nanoTime();
            nanos[n++] = after - before;
            before = after;
        } while (n < end && before - start < limit);
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        StringBuilder line = new StringBuilder(16 + 8 * n).append((double) allocated / n);
        for (int i = 0; i < n; i++) {
            line.append('\t').append(nanos[i]);
        }
        return line.toString();
    }
}
