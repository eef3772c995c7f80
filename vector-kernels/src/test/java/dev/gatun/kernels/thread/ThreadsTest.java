package dev.gatun.kernels.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    @Test
    void everyChunkIsDoneExactlyOnceForAnyCount() {
        for (int count : new int[] {1, 2, 3, 7}) {
            try (Threads threads = Threads.of(count)) {
                for (int chunks : new int[] {0, 1, 2, 5, 64, 1000}) {
                    for (int round = 0; round < 50; round++) {
                        AtomicIntegerArray done = new AtomicIntegerArray(Math.max(chunks, 1));
                        threads.run((chunk, worker) -> {
                            assertThat(worker).isBetween(0, count - 1);
                            done.incrementAndGet(chunk);
                        }, chunks);
                        for (int i = 0; i < chunks; i++) {
                            assertThat(done.get(i)).isEqualTo(1);
                        }
                    }
                }
            }
        }
    }

    @Test
    void workersTakePartAndTheCallerIsWorkerZero() {
        Set<String> names = ConcurrentHashMap.newKeySet();
        Thread caller = Thread.currentThread();
        try (Threads threads = Threads.of(3)) {
            CountDownLatch three = new CountDownLatch(3);
            threads.run((chunk, worker) -> {
                names.add(Thread.currentThread().getName());
                assertThat(worker == 0).isEqualTo(Thread.currentThread() == caller);
                three.countDown();
                try {
                    three.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }, 3);
        }
        assertThat(names).hasSize(3).contains("gatun-1", "gatun-2", caller.getName());
    }

    /// The other worker is there before anything is done, so each begins with its own share.
    @Test
    void eachWorkerBeginsWithItsOwnShare() {
        try (Threads threads = Threads.of(3)) {
            for (int round = 0; round < 100; round++) {
                AtomicIntegerArray first = new AtomicIntegerArray(new int[] {-1, -1, -1});
                CountDownLatch three = new CountDownLatch(3);
                threads.run((chunk, worker) -> {
                    if (first.compareAndSet(worker, -1, chunk)) {
                        three.countDown();
                    }
                    try {
                        three.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }, 10);
                assertThat(first.get(0)).isZero();
                assertThat(first.get(1)).isEqualTo(4);
                assertThat(first.get(2)).isEqualTo(7);
            }
        }
    }

    @Test
    void whoIsDoneHelpsTheOthers() {
        try (Threads threads = Threads.of(2)) {
            CountDownLatch both = new CountDownLatch(1);
            CountDownLatch others = new CountDownLatch(9);
            AtomicIntegerArray by = new AtomicIntegerArray(10);
            threads.run((chunk, worker) -> {
                by.set(chunk, worker);
                try {
                    if (worker == 0) {
                        both.countDown();
                        others.await();
                    } else {
                        both.await();
                        others.countDown();
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }, 10);
            assertThat(by.get(0)).isZero();
            for (int chunk = 1; chunk < 10; chunk++) {
                assertThat(by.get(chunk)).isEqualTo(1);
            }
        }
    }

    @Test
    void callersAtTheSameTimeAndNestedRunsAllFinish() throws InterruptedException {
        try (Threads threads = Threads.of(2)) {
            AtomicIntegerArray sums = new AtomicIntegerArray(4);
            List<Thread> callers = new ArrayList<>();
            for (int c = 0; c < 4; c++) {
                int id = c;
                callers.add(Thread.ofVirtual().start(() -> {
                    for (int round = 0; round < 200; round++) {
                        threads.run((chunk, worker) -> threads.run((inner, w) -> sums.incrementAndGet(id), 3), 5);
                    }
                }));
            }
            for (Thread t : callers) {
                t.join();
            }
            for (int c = 0; c < 4; c++) {
                assertThat(sums.get(c)).isEqualTo(200 * 5 * 3);
            }
        }
    }

    @Test
    void aFailureReachesTheCallerAfterAllChunksAndThePoolStaysUsable() {
        try (Threads threads = Threads.of(2)) {
            AtomicIntegerArray done = new AtomicIntegerArray(8);
            assertThatThrownBy(() -> threads.run((chunk, worker) -> {
                done.incrementAndGet(chunk);
                if (chunk == 3) {
                    throw new IllegalArgumentException("chunk 3");
                }
            }, 8)).isInstanceOf(IllegalArgumentException.class).hasMessage("chunk 3");
            for (int i = 0; i < 8; i++) {
                assertThat(done.get(i)).isEqualTo(1);
            }
            threads.run((chunk, worker) -> done.incrementAndGet(chunk), 8);
            assertThat(done.get(7)).isEqualTo(2);
        }
    }

    @Test
    void dispatchAllocatesNothing() {
        var bean = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Threads threads = Threads.of(2)) {
            Task task = (chunk, worker) -> {};
            for (int i = 0; i < 20_000; i++) {
                threads.run(task, 4);
            }
            long before = bean.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                threads.run(task, 4);
            }
            assertThat(bean.getCurrentThreadAllocatedBytes() - before).isLessThan(1000);
        }
    }

    @Test
    void badCountsAndUseAfterCloseAreErrors() {
        assertThatThrownBy(() -> Threads.of(0)).hasMessage("threads: the count must be between 1 and 1024: 0");
        Threads threads = Threads.of(2);
        threads.close();
        assertThatThrownBy(() -> threads.run((chunk, worker) -> {}, 2)).isInstanceOf(IllegalStateException.class)
                .hasMessage("threads: the pool is closed");
    }
}
