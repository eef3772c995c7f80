package dev.gatun.kernels.attention;

import static dev.gatun.kernels.image.Lanes.FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.reference.Philox;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a query does not see, and what dropout takes away.
///
/// Keys behind the last one that is not padding are never touched; padding between others, an additive mask or a scale
/// that is not positive make the scores `scale·s + mask` before anything else looks at them.
final class Masking {
    private static final long LOW = 0xFFFFFFFFL;

    private final Sizes sizes;
    private final @Nullable View mask;
    private final @Nullable View padding;
    private final int[] lengths;
    private final boolean[] holes;
    private final int[][] words;

    Masking(Sizes sizes, @Nullable View mask, @Nullable View padding, int workers) {
        this.sizes = sizes;
        this.mask = mask;
        this.padding = padding;
        lengths = new int[sizes.batch()];
        holes = new boolean[sizes.batch()];
        words = new int[workers][4];
    }

    /// Reads the padding anew.
    void prepare() {
        for (int b = 0; b < lengths.length; b++) {
            int length = sizes.tk();
            int seen = sizes.tk();
            if (padding != null) {
                length = 0;
                seen = 0;
                for (int j = 0; j < sizes.tk(); j++) {
                    if (!isPadding(b, j)) {
                        length = j + 1;
                        seen++;
                    }
                }
            }
            lengths[b] = length;
            holes[b] = seen < length;
        }
    }

    private boolean isPadding(int b, int j) {
        View p = padding;
        return p != null && OffHeap.of(p.segment()).get(JAVA_BYTE,
                p.offset() + (long) b * p.stride(0) + (long) j * p.stride(1)) != 0;
    }

    /// Keys of a batch up to the last one that is not padding.
    int length(int b) {
        return lengths[b];
    }

    /// True when scores must go through [#row] or [#column] first; they are scaled then.
    boolean isNeeded(int b) {
        return mask != null || holes[b] || !(sizes.spec().scale() > 0);
    }

    /// What scores are multiplied with to become exponents of 2.
    float factor(int b) {
        double log2e = 1 / Math.log(2);
        return (float) (isNeeded(b) ? log2e : log2e * sizes.spec().scale());
    }

    /// A row of scores of query `i` for the keys `k0 … k0 + n − 1`: `scale·s + mask`.
    void row(MemorySegment s, long at, int b, int h, int i, int k0, int n) {
        s = OffHeap.of(s);
        float scale = (float) sizes.spec().scale();
        View m = mask;
        MemorySegment terms = m == null ? s : OffHeap.of(m.segment());
        if (m != null && m.stride(3) == 1) {
            RowMath.mask(s, at, n, scale, terms, m.offset() + 4 * element(m, b, h, i, k0));
        } else {
            for (int j = 0; j < n; j++) {
                float score = scale * s.get(FLOAT, at + 4L * j);
                s.set(FLOAT, at + 4L * j, m == null ? score
                        : score + terms.get(FLOAT, m.offset() + 4 * element(m, b, h, i, k0 + j)));
            }
        }
        if (holes[b]) {
            for (int j = 0; j < n; j++) {
                if (isPadding(b, k0 + j)) {
                    s.set(FLOAT, at + 4L * j, Float.NEGATIVE_INFINITY);
                }
            }
        }
    }

    /// A row of scores of key `j` for the queries `q0 … q0 + n − 1`.
    void column(MemorySegment s, long at, int b, int h, int q0, int j, int n) {
        s = OffHeap.of(s);
        float scale = (float) sizes.spec().scale();
        View m = mask;
        MemorySegment terms = m == null ? s : OffHeap.of(m.segment());
        boolean hidden = holes[b] && isPadding(b, j);
        for (int i = 0; i < n; i++) {
            float score = scale * s.get(FLOAT, at + 4L * i);
            if (m != null) {
                score += terms.get(FLOAT, m.offset() + 4 * element(m, b, h, q0 + i, j));
            }
            s.set(FLOAT, at + 4L * i, hidden ? Float.NEGATIVE_INFINITY : score);
        }
    }

    private static long element(View m, int b, int h, int i, int j) {
        return (long) b * m.stride(0) + (long) h * m.stride(1) + (long) i * m.stride(2) + (long) j * m.stride(3);
    }

    /// Multiplies weights by 0 or `1/(1 − dropout)`: those of queries `q0 … q0 + m − 1`, `queryStep` bytes apart, and keys
    /// `k0 … k0 + n − 1`, `keyStep` bytes apart.
    void drop(
            MemorySegment s, long at, long queryStep, long keyStep, int head, int q0, int m, int k0, int n,
            int worker) {
        s = OffHeap.of(s);
        double keep = 1 - sizes.spec().dropout();
        float factor = (float) (1 / keep);
        int[] block = words[worker];
        for (int i = 0; i < m; i++) {
            long first = sizes.spec().offset() + ((long) head * sizes.tq() + q0 + i) * sizes.tk() + k0;
            long made = -1;
            for (int j = 0; j < n; j++) {
                long word = first + j;
                if (word >>> 2 != made) {
                    made = word >>> 2;
                    Philox.block(sizes.spec().seed(), made, block);
                }
                long to = at + i * queryStep + j * keyStep;
                boolean kept = (block[(int) (word & 3)] & LOW) * 0x1p-32 < keep;
                s.set(FLOAT, to, kept ? s.get(FLOAT, to) * factor : 0);
            }
        }
    }
}
