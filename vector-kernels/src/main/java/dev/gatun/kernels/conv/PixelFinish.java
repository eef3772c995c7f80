package dev.gatun.kernels.conv;

import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.Operands;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import java.util.ArrayList;
import java.util.List;

/// The operands of an epilogue for results that lie channels last: matrices of pixels and channels, of one image each or
/// of all images in a row. What lies otherwise, or is the result itself (which holds partial sums in between), is copied
/// first.
final class PixelFinish {
    private static final long TOGETHER_BYTES = 1 << 20;

    private final ExtraCopies copies = new ExtraCopies();
    private final List<Operand> operands = new ArrayList<>();
    private final Extras extras;
    private final int images;

    private PixelFinish(Epilogue epilogue, View y, boolean together) {
        List<View> views = new ArrayList<>();
        for (View extra : epilogue.extras()) {
            boolean readable = isEven(extra) && !Operands.same(extra, y);
            views.add(readable ? extra : copies.add(extra, ImageLayout.CHANNELS_LAST));
        }
        boolean even = isOne(y) && views.stream().allMatch(PixelFinish::isOne);
        images = together && even ? Math.max(1, y.dim(0)) : 1;
        for (View v : views) {
            long[] starts = new long[Math.ceilDiv(y.dim(0), images)];
            for (int i = 0; i < starts.length; i++) {
                starts[i] = v.offset() + 4L * i * images * v.stride(0);
            }
            operands.add(new Operand(v.segment(), starts, 4L * step(v), v.dim(1) > 1 ? 4L * v.stride(1) : 0));
        }
        extras = extras(operands);
    }

    /// Matrices of single images.
    static PixelFinish single(Epilogue epilogue, View y) {
        return new PixelFinish(epilogue, y, false);
    }

    /// Matrices of all images when they are small and nothing lies between them.
    static PixelFinish of(Epilogue epilogue, View y, PixelShape shape) {
        long image = 4L * shape.paddedRows() * shape.paddedColumns() * Math.max(1, shape.c());
        return new PixelFinish(epilogue, y, image * shape.n() <= TOGETHER_BYTES);
    }

    /// Operands that are one number per channel, or one for all: a matrix whose rows are the same.
    static Extras perChannel(Epilogue epilogue) {
        return extras(epilogue.extras().stream()
                .map(v -> Operand.of(v.segment(), v.offset(), 0, v.dim(1) > 1 ? 4L * v.stride(1) : 0))
                .toList());
    }

    private static Extras extras(List<Operand> operands) {
        return operands.isEmpty() ? Extras.NONE : new Extras(operands);
    }

    /// The operands with a matrix for each of the ranges that the rows of each image are cut into.
    Extras cut(Split lines, int width) {
        return extras(operands.stream().map(o -> {
            long[] starts = new long[o.starts().length * lines.count()];
            for (int i = 0; i < starts.length; i++) {
                starts[i] = o.starts()[i / lines.count()] + lines.start(i % lines.count()) * width * o.row();
            }
            return new Operand(o.segment(), starts, o.row(), o.column());
        }).toList());
    }

    /// Images per matrix: one, or all.
    int images() {
        return images;
    }

    Extras extras() {
        return extras;
    }

    /// To be called before each run.
    void prepare() {
        copies.prepare();
    }

    private static int step(View v) {
        return v.dim(3) > 1 ? v.stride(3) : v.dim(2) > 1 ? v.stride(2) : 0;
    }

    /// The pixels of an image are evenly apart, and channels lie side by side or are one number.
    private static boolean isEven(View v) {
        return (v.dim(1) <= 1 || v.stride(1) <= 1)
                && (v.dim(3) <= 1 || v.dim(2) <= 1 || v.stride(2) == (long) v.dim(3) * step(v));
    }

    /// The images follow each other as their pixels do.
    private static boolean isOne(View v) {
        int step = v.dim(2) * v.dim(3) > 1 ? step(v) : v.stride(0);
        return v.dim(0) <= 1 || v.stride(0) == (long) v.dim(2) * v.dim(3) * step;
    }
}
