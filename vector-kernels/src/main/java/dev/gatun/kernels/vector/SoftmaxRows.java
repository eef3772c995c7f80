package dev.gatun.kernels.vector;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.attention.RowMath;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.memory.Zeros;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Maths: softmax `2^(c·x − c·max) / Σ` with c = 1/ln 2, row by row; the rounding of c·max is a factor of both and cancels.
/// Layout: contiguous F32 rows; each goes to scratch memory up to whole vectors, so that nothing there is masked.
/// Blocking: a row, which stays in the first-level cache; rows are shared among the threads.
/// Registers: see [RowMath]. Evidence: VectorSoftmaxTest; figures in docs/kernels-pointwise.md.
final class SoftmaxRows implements Call, Task {
    /// The sum of longer rows is worth more care, and they leave the first-level cache.
    private static final int LONGEST = 4096;
    /// From here on a factor might overflow.
    private static final float FAR = 1e37f;
    private static final float FACTOR = (float) (1 / Math.log(2));

    /// All powers are 2^24 times as large as their quotients want them, so that those below the least normal number, which
    /// [RowMath#exp] takes for zero, belong to quotients that round to zero.
    private static final float HEADROOM = 24;

    private final Threads threads;
    private final View in;
    private final View out;
    private final Lines lines;
    private final int n;
    private final int chunks;
    private final long workerBytes;
    private MemorySegment scratch = MemorySegment.NULL;

    SoftmaxRows(Threads threads, View in, View out, int dim) {
        this.threads = threads;
        this.in = in;
        this.out = out;
        n = in.dim(dim);
        lines = Lines.along(dim, in, out);
        chunks = lines.chunks(threads, 4 * n);
        workerBytes = 4L * RowMath.whole(n) + BYTES;
    }

    /// True for rows that are computed here; depends on shape and strides alone.
    static boolean takes(View in, View out, int dim) {
        int n = in.dim(dim);
        return in.dtype() == DType.F32 && in.count() > 0 && n > 1 && n <= LONGEST && in.stride(dim) == 1
                && out.stride(dim) == 1;
    }

    @Override
    public long scratchBytes() {
        return workerBytes * threads.count();
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        threads.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
        long at = workerBytes * worker;
        long lanes = at + workerBytes - BYTES;
        for (int line = lines.first(chunk, chunks); line < lines.first(chunk + 1, chunks); line++) {
            MemorySegment.copy(in.segment(), in.offset() + 4 * lines.offset(0, line), scratch, at, 4L * n);
            int whole = RowMath.pad(scratch, at, n);
            float largest = RowMath.max(scratch, at, whole);
            if (Math.abs(largest) > FAR) {
                shift(scratch, at, whole, largest);
                largest = 0;
            }
            Zeros.fill(scratch, lanes, BYTES);
            RowMath.exp(scratch, at, whole, FACTOR, largest * FACTOR - HEADROOM, lanes, 1);
            RowMath.store(
                    scratch, at, n, 1 / Lanes.sum(scratch, lanes), out.segment(),
                    out.offset() + 4 * lines.offset(1, line));
        }
    }

    /// `s = s − by`.
    private static void shift(MemorySegment s, long at, int n, float by) {
        s = OffHeap.of(s);
        for (int i = 0; i < n; i += VL) {
            fromMemorySegment(F, s, at + 4L * i, ORDER).sub(by).intoMemorySegment(s, at + 4L * i, ORDER);
        }
    }
}
