package dev.gatun.onnx;

import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.PoolSpec.Windows;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.AveragePool;
import dev.gatun.ops.MaxPool;
import dev.gatun.ops.Shape;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.HashMap;
import java.util.Map;

/// Pooling: windows, which Gatun lists one by one, as kernel, stride and padding. One of height 1 over a reshaped
/// `[n, c, l]` is written as the 1-D pooling that it is.
final class PoolRule {
    private PoolRule() {}

    /// Windows along one dim in ONNX's terms.
    private record Axis(int kernel, int stride, int before, int after, int dilation) {
        boolean covers(int length) {
            return kernel == length && before == 0 && after == 0 && dilation == 1;
        }
    }

    static void write(Emission out, Step step, MaxPool op) {
        if (step.outputs().size() > 1) {
            throw new OnnxExportException(op.name(),
                    "positions of maxima differ between engines; use its values alone");
        }
        write(out, step, op.name(), "MaxPool", op.spec(), false);
    }

    static void write(Emission out, Step step, AveragePool op) {
        write(out, step, op.name(), "AveragePool", op.spec(), op.spec().countPadding());
    }

    private static void write(Emission out, Step step, String name, String operator, PoolSpec spec, boolean counts) {
        Value x = step.inputs().getFirst();
        Value y = step.output();
        Shape from = x.signature().shape();
        Axis height = axis(name, spec.height(), from.dim(2), counts);
        Axis width = axis(name, spec.width(), from.dim(3), counts);
        Value root = out.root(x);
        Shape rootShape = root.signature().shape();
        boolean row = height.covers(1) && from.dim(2) == 1 && rootShape.rank() == 3
                && from.equals(Shape.of(rootShape.dim(0), rootShape.dim(1), 1, rootShape.dim(2)));
        boolean global = height.covers(from.dim(2)) && width.covers(from.dim(3));
        Map<String, Attribute> attributes = new HashMap<>();
        if (!global) {
            attributes.put("kernel_shape",
                    row ? Attribute.of(new int[] {width.kernel}) : Attribute.of(height.kernel, width.kernel));
            attributes.put("strides",
                    row ? Attribute.of(new int[] {width.stride}) : Attribute.of(height.stride, width.stride));
            attributes.put("pads", row ? Attribute.of(width.before, width.after)
                    : Attribute.of(height.before, width.before, height.after, width.after));
            if (height.dilation > 1 || width.dilation > 1) {
                attributes.put("dilations", row ? Attribute.of(new int[] {width.dilation})
                        : Attribute.of(height.dilation, width.dilation));
            }
            if (counts) {
                attributes.put("count_include_pad", Attribute.of(1));
            }
        }
        Shape to = y.signature().shape();
        Value result = row ? Value.of(y.signature().with(Shape.of(to.dim(0), to.dim(1), to.dim(3)))) : y;
        out.define(result, out.emit(result.signature(), global ? "Global" + operator : operator, attributes,
                out.name(row ? root : x)));
        if (row) {
            out.same(y, result);
        }
    }

    private static Axis axis(String name, Windows w, int length, boolean counts) {
        int n = w.count();
        int kernel = n == 0 ? 0 : w.size()[0];
        int stride = n > 1 ? w.start()[1] - w.start()[0] : 1;
        boolean even = n > 0 && w.start()[0] <= 0;
        boolean whole = true;
        for (int i = 0; i < n; i++) {
            even &= w.size()[i] == kernel && w.start()[i] == w.start()[0] + i * stride;
            whole &= w.padded()[i] == kernel;
        }
        int end = n == 0 ? 0 : w.start()[n - 1] + (kernel - 1) * w.dilation() + 1 - length;
        if (!even || (-end >= stride && n > 1)) {
            throw new OnnxExportException(name, "its windows over " + length
                    + " elements differ in size or distance, which ONNX has no operator for; choose an output size that"
                    + " divides the input");
        }
        if (counts && !whole) {
            throw new OnnxExportException(name, "a window that sticks out of the padding is divided by what is inside;"
                    + " use windows without rounding up");
        }
        // A single window may end well before the input does; its step must be too long for a second one.
        return new Axis(kernel, n == 1 ? Math.max(1, 1 - end) : stride, -w.start()[0], Math.max(end, 0), w.dilation());
    }
}
