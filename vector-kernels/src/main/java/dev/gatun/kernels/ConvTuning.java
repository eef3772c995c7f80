package dev.gatun.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Choosing the algorithm of a convolution by trying: for callers who ask for it. What wins depends on the machine and
/// the moment, and so do the bits of a session that was tuned; without tuning both depend on shapes alone.
public final class ConvTuning {
    /// The smallest time that one run took.
    public record Timed(ConvAlgorithm algorithm, long nanos) {}

    private ConvTuning() {}

    /// Times every algorithm that these kernels allow on zeros of these sizes, with packed weights and no epilogue, each
    /// for about `each`, of which the first half leaves the JIT compiler time. The fastest comes first. Empty when the
    /// layout is not computed for these sizes.
    ///
    /// @param x sizes `[n, c, h, w]`
    /// @param w sizes `[oc, c/groups, kh, kw]`
    public static List<Timed> time(
            ConvKernels conv, ImageLayout images, ConvSpec spec, int[] x, int[] w, Duration each) {
        int[] y = {x[0], w[0], spec.outHeight(x[2], w[2]), spec.outWidth(x[3], w[3])};
        List<Timed> all = new ArrayList<>();
        for (ConvAlgorithm algorithm : conv.algorithms(images, spec, x, w)) {
            // Shared, because workers touch it; closed once per candidate, never in steady state.
            try (Arena arena = Arena.ofShared()) {
                View weights = zeros(arena, ImageLayout.PLANES, w);
                MemorySegment packed =
                        arena.allocate(Math.max(64, conv.packedBytes(images, spec, weights, algorithm)), 64);
                Call call = conv.forward(
                        spec, zeros(arena, images, x), conv.pack(images, spec, weights, algorithm, packed),
                        zeros(arena, images, y), Epilogue.NONE);
                all.add(new Timed(algorithm, time(call, arena.allocate(Math.max(64, call.scratchBytes()), 64), each)));
            }
        }
        all.sort(Comparator.comparingLong(Timed::nanos));
        return all;
    }

    private static View zeros(Arena arena, ImageLayout layout, int[] dims) {
        return new View(
                arena.allocate(Math.max(64, 4L * View.count(dims)), 64), 0, DType.F32, dims, layout.strides(dims));
    }

    private static long time(Call call, MemorySegment scratch, Duration each) {
        long start = System.nanoTime();
        long half = start + each.toNanos() / 2;
        long end = start + each.toNanos();
        long best = Long.MAX_VALUE;
        long now = start;
        // At least once in either half.
        for (boolean warm = false; !warm || best == Long.MAX_VALUE || now < end;) {
            long before = now;
            call.run(scratch);
            now = System.nanoTime();
            if (warm) {
                best = Math.min(best, now - before);
            }
            warm |= now >= half;
        }
        return best;
    }
}
