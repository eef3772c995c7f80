package dev.gatun.perf.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class LatencyTest {
    @Test
    void timesAndBytesAreThoseOfTheCalls() {
        AtomicReference<byte[]> kept = new AtomicReference<>();
        AtomicInteger n = new AtomicInteger();
        Latency slow = Latency.measure(() -> {
            kept.set(new byte[1000]);
            if (n.incrementAndGet() % 10 == 0) {
                LockSupport.parkNanos(2_000_000);
            }
        }, 0.05, 200);
        assertThat(slow.bytesPerCall()).isBetween(1000.0, 1100.0);
        assertThat(slow.p50()).isLessThan(2000);
        assertThat(slow.p99()).isGreaterThanOrEqualTo(2000).isLessThanOrEqualTo(slow.p999());
        assertThat(slow.p999()).isLessThanOrEqualTo(slow.max());
    }

    @Test
    void theHarnessItselfAllocatesNothing() {
        AtomicInteger n = new AtomicInteger();
        assertThat(Latency.measure(n::incrementAndGet, 1, 10_000).bytesPerCall()).isLessThan(1);
        assertThat(n.get()).isGreaterThan(10_000);
        assertThatThrownBy(() -> Latency.measure(n::incrementAndGet, 0, 0)).hasMessageContaining("at least one call");
    }

    @Test
    void throughputCountsAllThreadsAndReportsFailures() throws InterruptedException {
        double perSecond = Throughput.measure(() -> () -> LockSupport.parkNanos(1_000_000), 2, 0.3);
        assertThat(perSecond).isBetween(50.0, 2000.0);
        assertThatThrownBy(() -> Throughput.measure(() -> () -> {
            throw new IllegalStateException("broken");
        }, 2, 0.05)).hasRootCauseMessage("broken");
    }
}
