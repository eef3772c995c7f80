package dev.gatun.kernels.conv;

import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.Operands;
import dev.gatun.kernels.gemm.Operand;
import java.util.ArrayList;
import java.util.List;

/// The operands of an epilogue as the product wants them: per pair of image and group a matrix of channels and pixels.
/// An extra whose pixels are not evenly apart, or that is the result itself (which holds partial sums in between), is
/// copied to memory of this object's own first.
final class Finish {
    private final ExtraCopies copies = new ExtraCopies();
    private final List<Operand> extras = new ArrayList<>();

    Finish(Epilogue epilogue, View result, int groups) {
        for (View extra : epilogue.extras()) {
            int step = step(extra);
            View v = extra;
            if (step < 0 || Operands.same(extra, result)) {
                v = copies.add(extra, ImageLayout.PLANES);
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
        copies.prepare();
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
