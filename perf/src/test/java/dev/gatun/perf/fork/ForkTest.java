package dev.gatun.perf.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.perf.fork.Fork.ForkException;
import dev.gatun.perf.fork.Fork.Slice;
import dev.gatun.perf.fork.Work.Order;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Both halves of the protocol, with a peer that only pretends.
@Timeout(60)
class ForkTest {
    @TempDir private Path folder;

    /// A peer whose run takes a millisecond and allocates 1000 bytes; its answer counts the runs.
    public static final class FakePeer implements Work {
        private final Order order;
        private int runs;
        private byte[] kept = {};

        FakePeer(Order order) {
            this.order = order;
        }

        /// The child process; prints noise as native libraries do.
        public static void main(String[] none) throws IOException {
            System.out.println("noise before");
            ChildLoop.serve(order -> {
                System.out.println("noise\twith tabs");
                if (order.name().equals("die")) {
                    System.err.println("last words");
                    Runtime.getRuntime().halt(3);
                }
                if (order.name().equals("wrong")) {
                    throw new IllegalArgumentException("no\tsuch\ncase", new IOException("file"));
                }
                return new FakePeer(order);
            });
        }

        @Override
        public void run() throws InterruptedException {
            runs++;
            kept = new byte[1000];
            Thread.sleep(1);
        }

        @Override
        public Runnable caller() {
            return () -> java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }

        @Override
        public float[] answer() {
            return new float[] {runs, 0.5f, kept.length};
        }

        @Override
        public Map<String, String> facts() {
            return Map.of("threads", Integer.toString(order.threads()), "spin",
                    order.options().getOrDefault("spin", "?"),
                    "text", "a\tb\nc=d");
        }

        @Override
        public void close() {
            System.out.println("closed");
        }
    }

    private static Fork fork() {
        return Fork.start("fake", List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp",
                where(Fork.class) + System.getProperty("path.separator") + where(FakePeer.class),
                FakePeer.class.getName()), Map.of());
    }

    private static Path where(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Order order(String name) {
        return new Order(name, 3, folder, Map.of("spin", "0"));
    }

    @Test
    void opensRunsAnswersAndCloses() {
        try (Fork fork = fork()) {
            assertThat(fork.open(order("case"))).containsEntry("threads", "3").containsEntry("spin", "0")
                    .containsEntry("text", "a b c=d");
            assertThat(fork.answer(folder.resolve("out"))).containsExactly(1, 0.5f, 1000);
            Slice slice = fork.run(10, 5);
            assertThat(Arrays.stream(slice.nanos()).boxed().toList()).hasSize(5).allMatch(n -> n >= 1_000_000);
            assertThat(slice.bytesPerCall()).isBetween(1000.0, 1300.0);
            assertThat(fork.answer(folder.resolve("out"))[0]).as("one run untimed").isEqualTo(7);
            assertThat(fork.run(0.05, Integer.MAX_VALUE).nanos().length).isBetween(1, 50);
            fork.warm(0.05, 1);
            assertThat(fork.callers(2, 0.2)).isBetween(50.0, 2000.0);
            fork.open(order("second"));
            assertThat(fork.answer(folder.resolve("out"))[0]).isEqualTo(1);
            fork.closeWork();
            assertThat(fork.answer(folder.resolve("out"))[0]).as("the first is open still").isGreaterThan(7);
            fork.closeWork();
            assertThatThrownBy(fork::closeWork).isInstanceOf(ForkException.class)
                    .hasMessageContaining("nothing is open");
        }
    }

    @Test
    void anErrorLeavesTheChildAlive() {
        try (Fork fork = fork()) {
            assertThatThrownBy(() -> fork.open(order("wrong"))).isInstanceOf(ForkException.class)
                    .hasMessage(
                            "java.lang.IllegalArgumentException: no such case; because of java.io.IOException: file");
            assertThat(fork.open(order("case"))).isNotEmpty();
        }
    }

    @Test
    void aDeadChildIsReportedWithItsLastWords() {
        try (Fork fork = fork()) {
            assertThatThrownBy(() -> fork.open(order("die"))).isInstanceOf(ForkException.class)
                    .hasMessageContaining("fake died").hasMessageContaining("last words");
        }
    }

    @Test
    void aWaitingChildEndsWithItsParent() throws Exception {
        Fork fork = fork();
        fork.open(order("case"));
        ProcessHandle child = ProcessHandle.of(fork.pid()).orElseThrow();
        fork.close();
        child.onExit().get(10, TimeUnit.SECONDS);
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void aNeighbourSpinsUntilItIsClosed() throws Exception {
        long before = ProcessHandle.current().children().count();
        try (Spinner spinner = new Spinner(1)) {
            assertThat(spinner).isNotNull();
            assertThat(ProcessHandle.current().children().count()).isEqualTo(before + 1);
        }
        long end = System.nanoTime() + 10_000_000_000L;
        while (ProcessHandle.current().children().count() > before && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        assertThat(ProcessHandle.current().children().count()).isEqualTo(before);
    }
}
