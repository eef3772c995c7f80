package dev.gatun.kernels.attention;

import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// maths: attention of one query per head, as in decoding: `Σ 2^(s − m)·v / Σ 2^(s − m)`.
/// layout: keys and values are read once, where they lie; nothing is packed.
/// blocking and why: keys by 512, split by their number alone: every piece has a maximum, a sum and a result of its own,
/// which are joined in order, so that all threads read keys and the bits do not depend on them.
/// registers: see [RowMath].
/// evidence: docs/kernels-attention.md.
final class OneQuery implements Call {
    private static final int KEYS = 512;
    /// The scores of a piece, and a vector for sums.
    private static final long WORKER_BYTES = 4L * (KEYS + VL);
    private static final double LN2 = Math.log(2);

    private final Threads threads;
    private final Sizes sizes;
    private final Masking masking;
    private final Operand q;
    private final Operand k;
    private final Operand v;
    private final Operand out;
    private final Operand lse;
    private final Split pieces;
    private final int width;
    private final long pieceBytes;
    private final long workersAt;
    private final Task reading = this::read;
    private final Task joining = this::join;
    private MemorySegment scratch = MemorySegment.NULL;

    OneQuery(Threads threads, Sizes sizes, View q, View k, View v, Masking masking, View out, View lse) {
        this.threads = threads;
        this.sizes = sizes;
        this.masking = masking;
        this.q = Operand.of(q);
        this.k = Operand.of(k);
        this.v = Operand.of(v);
        this.out = Operand.of(out);
        this.lse = Operand.of(FlashForward.column(lse));
        pieces = new Split(sizes.tk(), KEYS);
        width = RowMath.whole(sizes.dv());
        // Maximum, then the sums of the lanes, then the result.
        pieceBytes = 64 + 4L * (VL + width);
        workersAt = pieceBytes * pieces.count() * sizes.queryHeads();
    }

    @Override
    public long scratchBytes() {
        return workersAt + WORKER_BYTES * threads.count();
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        masking.prepare();
        threads.run(reading, sizes.queryHeads() * pieces.count());
        threads.run(joining, sizes.queryHeads());
    }

    private long piece(int head, int index) {
        return pieceBytes * (head * (long) pieces.count() + index);
    }

    private int seen(int b) {
        return sizes.spec().causal() ? Math.min(1, masking.length(b)) : masking.length(b);
    }

    private void read(int unit, int worker) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        int head = unit / pieces.count();
        int index = unit % pieces.count();
        int b = head / sizes.heads();
        int keyHead = head / sizes.group();
        int k0 = pieces.start(index);
        int n = Math.clamp(seen(b) - (long) k0, 0, pieces.size(index));
        long s = workersAt + WORKER_BYTES * worker;
        long from = q.starts()[head];
        for (int j = 0; j < n; j++) {
            scratch.set(FLOAT, s + 4L * j, RowMath.dot(
                    q.segment(), from, k.segment(), k.starts()[keyHead] + (k0 + j) * k.row(), sizes.d(),
                    scratch, s + 4L * KEYS));
        }
        if (masking.isNeeded(b)) {
            masking.row(scratch, s, b, head % sizes.heads(), 0, k0, n);
        }
        int whole = RowMath.pad(scratch, s, n);
        float factor = masking.factor(b);
        float largest = RowMath.max(scratch, s, whole);
        float m = largest == Float.NEGATIVE_INFINITY ? 0 : largest * factor;
        long at = piece(head, index);
        scratch.set(FLOAT, at, largest == Float.NEGATIVE_INFINITY ? largest : m);
        for (int i = 0; i < VL + width; i++) {
            scratch.set(FLOAT, at + 64 + 4L * i, 0);
        }
        RowMath.exp(scratch, s, whole, factor, m, at + 64, 1);
        long o = at + 64 + 4L * VL;
        for (int j = 0; j < n; j++) {
            float p = scratch.get(FLOAT, s + 4L * j);
            if (p != 0) {
                RowMath.add(scratch, o, v.segment(), v.starts()[keyHead] + (k0 + j) * v.row(), sizes.dv(), p);
            }
        }
    }

    private void join(int head, int worker) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        MemorySegment result = OffHeap.of(out.segment());
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < pieces.count(); i++) {
            largest = Math.max(largest, scratch.get(FLOAT, piece(head, i)));
        }
        double sum = 0;
        long first = pieces.count() == 0 ? 0 : piece(head, 0) + 64 + 4L * VL;
        for (int i = 0; i < pieces.count(); i++) {
            float m = scratch.get(FLOAT, piece(head, i));
            float part = Lanes.sum(scratch, piece(head, i) + 64);
            if (i == 0 && largest != m) {
                RowMath.scale(scratch, first, width, m == Float.NEGATIVE_INFINITY ? 0 : factor(m, largest));
            }
            if (part != 0) {
                float shrink = factor(m, largest);
                sum += (double) part * shrink;
                if (i > 0) {
                    RowMath.add(scratch, first, scratch, piece(head, i) + 64 + 4L * VL, width, shrink);
                }
            }
        }
        long to = out.starts()[head];
        if (sum == 0) {
            for (int c = 0; c < sizes.dv(); c++) {
                result.set(FLOAT, to + 4L * c, 0);
            }
        } else {
            RowMath.store(scratch, first, sizes.dv(), (float) (1 / sum), result, to);
        }
        OffHeap.of(lse.segment()).set(FLOAT, lse.starts()[head],
                sum == 0 ? Float.NEGATIVE_INFINITY : (float) (largest * LN2 + Math.log(sum)));
    }

    private static float factor(float m, float largest) {
        return (float) Math.exp(((double) m - largest) * LN2);
    }
}
