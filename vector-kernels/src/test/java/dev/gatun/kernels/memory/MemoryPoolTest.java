package dev.gatun.kernels.memory;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPoolTest {
    @Test
    void sizeClassesWasteAtMostAQuarter() {
        for (long bytes = 1; bytes < 1 << 22; bytes = bytes * 9 / 8 + 1) {
            long size = MemoryPool.sizeClass(bytes);
            assertThat(size).isGreaterThanOrEqualTo(bytes).isLessThanOrEqualTo(Math.max(64, bytes + bytes / 4 + 64));
            assertThat(size % 64).isZero();
            assertThat(MemoryPool.sizeClass(size)).isEqualTo(size);
        }
    }

    @Test
    void blocksAreAlignedDisjointAndReused() {
        try (MemoryPool pool = new MemoryPool(64 << 20, false)) {
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Block b = pool.acquire(100 + i * 37L, "x");
                assertThat(b.segment().address() % 64).isZero();
                b.segment().fill((byte) i);
                blocks.add(b);
            }
            for (int i = 0; i < 200; i++) {
                MemorySegment s = blocks.get(i).segment();
                assertThat(s.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) i);
                assertThat(s.get(java.lang.foreign.ValueLayout.JAVA_BYTE, s.byteSize() - 1)).isEqualTo((byte) i);
            }
            blocks.forEach(Block::release);
            long reserved = pool.statistics().reserved();
            pool.acquire(100, "again").release();
            assertThat(pool.statistics().reserved()).isEqualTo(reserved);
            assertThat(pool.statistics().reuses()).isEqualTo(1);
            assertThat(pool.statistics().used()).isZero();
        }
    }

    @Test
    void memoryThatCallersSeeIsNeverLentAgain() {
        try (MemoryPool pool = new MemoryPool(1 << 20, true)) {
            for (int i = 0; i < 100; i++) {
                Block block = pool.acquireAlone(300 << 10, "shown");
                MemorySegment seen = block.segment();
                assertThat(seen.get(JAVA_FLOAT, 1024)).isZero();
                seen.set(JAVA_FLOAT, 1024, 1);
                assertThat(pool.statistics().reserved()).isBetween(300L << 10, 400L << 10);
                block.release();
                assertThat(pool.statistics().reserved()).isZero();
                assertThatThrownBy(() -> seen.get(JAVA_FLOAT, 0)).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void theBudgetHoldsAndNamesTheLargestHolders() {
        try (MemoryPool pool = new MemoryPool(10 << 20, false)) {
            Block weights = pool.acquire(6 << 20, "weights");
            Block gradients = pool.acquire(2 << 20, "gradients");
            assertThatThrownBy(() -> pool.acquire(3 << 20, "activations")).isInstanceOf(OutOfBudgetException.class)
                    .hasMessageContaining(
                            "3145728 bytes for 'activations' do not fit into the budget of 10485760 bytes")
                    .hasMessageContaining("largest holders: weights 6291456, gradients 2097152");
            gradients.release();
            Block other = pool.acquire(4 << 20, "waiting blocks are returned first");
            weights.release();
            other.release();
            assertThat(pool.statistics().peak()).isEqualTo(10 << 20);
        }
    }

    @Test
    void useAndReleaseAfterReleaseAreErrors() {
        try (MemoryPool pool = new MemoryPool(8 << 20, false)) {
            Block b = pool.acquire(10, "relu");
            b.release();
            assertThatThrownBy(b::segment).isInstanceOf(IllegalStateException.class)
                    .hasMessage("memory: 'relu' is used after it was freed");
            assertThatThrownBy(b::release).hasMessage("memory: 'relu' is freed twice");
            assertThatThrownBy(() -> pool.acquire(-1, "x")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aDebugPoolPoisonsAndReportsLeaks() {
        try (MemoryPool pool = new MemoryPool(8 << 20, true)) {
            Block freed = pool.acquire(64, "freed");
            MemorySegment memory = freed.segment();
            memory.set(JAVA_FLOAT, 0, 1f);
            freed.release();
            assertThat(memory.get(JAVA_FLOAT, 0)).isNaN();
            Block kept = pool.acquire(64, "kept");
            assertThat(pool.leaks()).singleElement().asString().startsWith("kept 64 B at ")
                    .contains("MemoryPoolTest.aDebugPoolPoisonsAndReportsLeaks");
            kept.release();
            assertThat(pool.leaks()).isEmpty();
        }
    }

    @Test
    void aClosedPoolRefusesAndTakesLateBlocksBack() {
        MemoryPool pool = new MemoryPool(8 << 20, false);
        Block large = pool.acquire(2 << 20, "large");
        pool.close();
        assertThatThrownBy(() -> pool.acquire(1, "x")).hasMessage("memory: the pool is closed");
        large.release();
        assertThat(pool.statistics().blocks()).isZero();
    }
}
