package dev.gatun.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelCodeTest {
    private static final int M = 7;
    private static final int N = 37;
    private static final int K = 20;

    private static float[] product(Kernels kernels, Arena arena) {
        View a = ones(arena, M, K);
        View b = ones(arena, K, N);
        View bias = ones(arena, N).expand(M, N);
        View c = ones(arena, M, N);
        Expr sum = Expr.input(0).plus(Expr.input(1));
        Call call = kernels.gemm().gemm(1, a, b, 0, c, new Epilogue(sum, List.of(bias)));
        call.run(arena.allocate(Math.max(64, call.scratchBytes()), 64));
        return c.segment().toArray(JAVA_FLOAT);
    }

    private static View ones(Arena arena, int... dims) {
        int count = java.util.Arrays.stream(dims).reduce(1, (x, y) -> x * y);
        MemorySegment memory = arena.allocate(4L * count, 64);
        for (int i = 0; i < count; i++) {
            memory.setAtIndex(JAVA_FLOAT, i, 1);
        }
        return View.of(memory, 0, DType.F32, dims);
    }

    @Test
    void rehearsesEachKernelOnceAndLeavesItRight() {
        try (Threads threads = Threads.of(2); Arena arena = Arena.ofShared()) {
            Kernels kernels = Kernels.vector(threads);
            assertThat(product(kernels, arena)).containsOnly(K + 1);
            List<Rehearsal> rehearsals = kernels.code().rehearsals();
            assertThat(rehearsals).isNotEmpty();
            assertThat(kernels.code().rehearsals()).isEmpty();
            for (Rehearsal rehearsal : rehearsals) {
                MemorySegment scratch = arena.allocate(rehearsal.scratchBytes(), 64);
                rehearsal.run(scratch);
                rehearsal.glance(scratch);
            }
            assertThat(product(kernels, arena)).containsOnly(K + 1);
        }
    }

    @Test
    void otherThreadsShareTheCode() {
        try (Threads one = Threads.of(1); Threads three = Threads.of(3); Arena arena = Arena.ofShared()) {
            Kernels kernels = Kernels.vector(one);
            assertThat(product(kernels, arena)).containsOnly(K + 1);
            assertThat(kernels.code().rehearsals()).isNotEmpty();
            assertThat(product(kernels.on(three), arena)).containsOnly(K + 1);
            assertThat(kernels.on(three).threads()).isSameAs(three);
            // Nothing was generated anew, so there is nothing to rehearse.
            assertThat(kernels.code().rehearsals()).isEmpty();
        }
    }

    @Test
    void theReferenceHasNothingToRehearse() {
        assertThat(Kernels.reference().code().rehearsals()).isEmpty();
    }
}
