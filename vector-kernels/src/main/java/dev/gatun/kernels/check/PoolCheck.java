package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.View;
import org.jspecify.annotations.Nullable;

/// Operands of pooling and its gradients.
public final class PoolCheck {
    private PoolCheck() {}

    /// Largest of each window.
    public static void max(PoolSpec spec, View x, View y, @Nullable View indices) {
        String op = "maxPool";
        Operands.floating(op, x, y);
        shapes(op, spec, x, y);
        layouts(op, x, y, indices == null);
        Operands.writable(op, y);
        Operands.apart(op, "x", x, y);
        if (indices != null) {
            Operands.type(op, "indices", indices, DType.I64);
            Operands.sameDims(op, "indices", indices, "y", y);
            ConvCheck.plane(op, "indices", indices);
            Operands.writable(op, indices);
            Operands.apart(op, "x", x, indices);
            Operands.apart(op, "y", y, indices);
        }
    }

    /// Gradient of the largest.
    public static void maxGradient(PoolSpec spec, View indices, View gy, View gx) {
        String op = "maxPoolGradient";
        Operands.type(op, "indices", indices, DType.I64);
        Operands.sameDims(op, "indices", indices, "gy", gy);
        ConvCheck.plane(op, "indices", indices);
        gradient(op, spec, gy, gx);
        Operands.apart(op, "indices", indices, gx);
    }

    /// Mean of each window.
    public static void average(PoolSpec spec, View x, View y) {
        String op = "averagePool";
        Operands.floating(op, x, y);
        shapes(op, spec, x, y);
        layouts(op, x, y, true);
        Operands.writable(op, y);
        Operands.apart(op, "x", x, y);
    }

    /// Gradient of the mean.
    public static void averageGradient(PoolSpec spec, View gy, View gx) {
        gradient("averagePoolGradient", spec, gy, gx);
    }

    /// Throws when a window's largest value is said to lie outside the image.
    public static void position(long index, int position, int bound) {
        if (index < 0 || index >= bound) {
            throw new IndexOutOfBoundsException("maxPoolGradient: index out of range: " + index + " at element "
                    + position + " of indices, must be in 0 … " + (bound - 1));
        }
    }

    private static void gradient(String op, PoolSpec spec, View gy, View gx) {
        Operands.floating(op, gy, gx);
        shapes(op, spec, gx, gy);
        layouts(op, gx, gy, false);
        Operands.writable(op, gx);
        Operands.apart(op, "gy", gy, gx);
    }

    private static void shapes(String op, PoolSpec spec, View x, View y) {
        Operands.rank(op, "x", x, 4);
        Operands.dims(op, "y", y, x.dim(0), x.dim(1), spec.height().count(), spec.width().count());
        inside(op, "height", spec.height(), x.dim(2), x);
        inside(op, "width", spec.width(), x.dim(3), x);
    }

    /// Both are planes, or where `any` both lie channels last.
    private static void layouts(String op, View x, View y, boolean any) {
        if (any && ImageLayout.CHANNELS_LAST.holds(x) && ImageLayout.CHANNELS_LAST.holds(y)) {
            return;
        }
        ConvCheck.plane(op, "x", x);
        ConvCheck.plane(op, "y", y);
    }

    /// Each window has at least one tap inside the input, else it would have no largest value and no mean.
    private static void inside(String op, String direction, PoolSpec.Windows windows, int length, View x) {
        for (int i = 0; i < windows.count(); i++) {
            boolean any = false;
            for (int t = 0; t < windows.size()[i]; t++) {
                int at = windows.start()[i] + t * windows.dilation();
                any |= at >= 0 && at < length;
            }
            if (!any) {
                throw new IllegalArgumentException(op + ": window " + i + " of the " + direction
                        + " covers no element of x: " + shape(x) + ", start " + windows.start()[i] + ", taps "
                        + windows.size()[i] + ", dilation " + windows.dilation());
            }
        }
    }
}
