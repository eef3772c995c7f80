package dev.gatun.kernels.conv;

import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.Operands;
import dev.gatun.kernels.gemm.Operand;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The operands of an epilogue as the product wants them: per pair of image and group a matrix of channels and pixels.
/// An extra whose pixels are not evenly apart, or that is the result itself (which holds partial sums in between), is
/// copied to memory of this object's own first.
final class Finish {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private record Copy(View from, MemorySegment to) {}

    private final List<Copy> copies = new ArrayList<>();
    private final List<Operand> extras = new ArrayList<>();

    Finish(Epilogue epilogue, View result, int groups) {
        for (View extra : epilogue.extras()) {
            int step = step(extra);
            View v = extra;
            if (step < 0 || Operands.same(extra, result)) {
                long bytes = Math.max(64, 4L * extra.count());
                MemorySegment memory = java.lang.foreign.Arena.ofAuto().allocate(bytes, 64);
                copies.add(new Copy(extra, memory));
                v = View.of(memory, 0, extra.dtype(), extra.dims());
                step = 1;
            }
            extras.add(images(v, groups, 4L * step));
        }
    }

    List<Operand> extras() {
        return extras;
    }

    /// To be called before each run.
    void prepare() {
        for (int i = 0; i < copies.size(); i++) {
            copy(copies.get(i).from, copies.get(i).to);
        }
    }

    private static void copy(View from, MemorySegment to) {
        long at = 0;
        for (int n = 0; n < from.dim(0); n++) {
            for (int c = 0; c < from.dim(1); c++) {
                for (int i = 0; i < from.dim(2); i++) {
                    long row = (long) n * from.stride(0) + (long) c * from.stride(1) + (long) i * from.stride(2);
                    for (int j = 0; j < from.dim(3); j++) {
                        to.set(FLOAT, at, from.segment().get(
                                FLOAT, from.offset() + 4 * (row + (long) j * from.stride(3))));
                        at += 4;
                    }
                }
            }
        }
    }

    /// Elements between two pixels that follow each other: 0 or 1, or −1 when it is neither everywhere.
    private static int step(View v) {
        int h = v.dim(2);
        int w = v.dim(3);
        int step = w > 1 ? v.stride(3) : h > 1 ? v.stride(2) : 0;
        boolean even = w <= 1 || h <= 1 || v.stride(2) == w * step;
        return even && step <= 1 ? step : -1;
    }

    /// The channels of each group of each image as rows, `column` bytes from one pixel to the next.
    static Operand images(View v, int groups, long column) {
        int n = v.dim(0);
        int perGroup = v.dim(1) / groups;
        long[] starts = new long[n * groups];
        for (int b = 0; b < starts.length; b++) {
            starts[b] = v.offset() + 4L * (b / groups) * v.stride(0) + 4L * (b % groups) * perGroup * v.stride(1);
        }
        return new Operand(v.segment(), starts, 4L * v.stride(1), column);
    }
}
