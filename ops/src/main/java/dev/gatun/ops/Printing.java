package dev.gatun.ops;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Tensors as text, laid out as PyTorch does: four digits, aligned columns, scientific notation when magnitudes differ
/// much, and no more than three elements from each end of a dim when there are over a thousand.
final class Printing {
    private static final int THRESHOLD = 1000;
    private static final int EDGE = 3;
    private static final int WIDTH = 80;

    private final View view;
    private final boolean summarise;
    private final List<Double> shown = new ArrayList<>();
    private boolean whole = true;
    private boolean scientific;
    private int width;

    private Printing(View view) {
        this.view = view;
        this.summarise = view.count() > THRESHOLD;
    }

    static String format(Tensor tensor) {
        View view = tensor.view();
        StringBuilder text = new StringBuilder("tensor(");
        if (view.count() == 0) {
            text.append("[]");
            if (view.rank() != 1) {
                text.append(", shape=").append(tensor.shape());
            }
        } else {
            Printing printing = new Printing(view);
            printing.collect(0, 0);
            printing.choose();
            printing.write(text, 0, 0, 7);
        }
        if (view.dtype() != DType.F32 && view.dtype() != DType.I64 && view.dtype() != DType.BOOL) {
            text.append(", dtype=").append(view.dtype());
        }
        if (tensor.requiresGrad()) {
            text.append(", requiresGrad=true");
        }
        return text.append(')').toString();
    }

    private boolean hides(int dim, int index) {
        return summarise && view.dim(dim) > 2 * EDGE && index >= EDGE && index < view.dim(dim) - EDGE;
    }

    private void collect(int dim, long at) {
        if (dim == view.rank()) {
            shown.add(view.getDouble(at));
            return;
        }
        for (int i = 0; i < view.dim(dim); i++) {
            if (!hides(dim, i)) {
                collect(dim + 1, at + (long) i * view.stride(dim));
            }
        }
    }

    private void choose() {
        double largest = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (double v : shown) {
            double a = Math.abs(v);
            if (a != 0 && !Double.isNaN(a) && !Double.isInfinite(a)) {
                largest = Math.max(largest, a);
                smallest = Math.min(smallest, a);
                whole &= v == Math.rint(v);
            }
        }
        scientific = largest > 0
                && (largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4));
        scientific &= view.dtype().isFloating() && (!whole || largest > 1e8 || largest / smallest > 1000);
        for (double v : shown) {
            width = Math.max(width, number(v).length());
        }
    }

    private String number(double v) {
        if (view.dtype() == DType.BOOL) {
            return v != 0 ? "true" : "false";
        }
        if (!view.dtype().isFloating()) {
            return Long.toString((long) v);
        }
        if (Double.isNaN(v)) {
            return "nan";
        }
        if (Double.isInfinite(v)) {
            return v > 0 ? "inf" : "-inf";
        }
        if (scientific) {
            return String.format(Locale.ROOT, "%.4e", v);
        }
        return whole ? String.format(Locale.ROOT, "%.0f.", v) : String.format(Locale.ROOT, "%.4f", v);
    }

    private void write(StringBuilder text, int dim, long at, int indent) {
        if (dim == view.rank()) {
            String number = view.dtype() == DType.I64 ? Long.toString(view.getLong(at)) : number(view.getDouble(at));
            text.repeat(" ", Math.max(0, (dim == 0 ? 0 : width) - number.length())).append(number);
            return;
        }
        text.append('[');
        boolean last = dim == view.rank() - 1;
        int perLine = Math.max(1, (WIDTH - indent) / (width + 2));
        int column = 0;
        for (int i = 0; i < view.dim(dim); i++) {
            boolean gap = hides(dim, i);
            if (gap && i > EDGE) {
                continue;
            }
            if (i > 0) {
                text.append(',');
                boolean wrap = last && column == perLine;
                if (last && !wrap) {
                    text.append(' ');
                } else {
                    text.repeat("\n", last ? 1 : view.rank() - dim - 1).repeat(" ", indent + 1);
                    column = 0;
                }
            }
            if (gap) {
                text.append("...");
            } else {
                write(text, dim + 1, at + (long) i * view.stride(dim), indent + 1);
            }
            column++;
        }
        text.append(']');
    }
}
