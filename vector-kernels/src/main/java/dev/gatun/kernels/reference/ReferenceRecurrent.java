package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.RecurrentKernels;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.RecurrentCheck;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// maths: the cells of [RecurrentCell][dev.gatun.kernels.RecurrentCell], step by step, and their derivatives.
/// layout: row-major; "packed" is a copy; kept are, per step and row, what [ReferenceCell] lists, a line each.
/// blocking and why: none; one row of the batch after the other, so that lengths are a loop bound.
/// registers: one double accumulator.
/// evidence: this is the definition; checked against PyTorch's answers and against finite differences in the tests.
public final class ReferenceRecurrent implements RecurrentKernels {
    private static final String LAYOUT = "reference row-major";

    @Override
    public Call forward(
            RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last, @Nullable View kept) {
        RecurrentCheck.forward(spec, w, x, lengths, initial, y, last, kept);
        return _ -> {
            int[] ends = ends(spec, lengths, x);
            for (int b = 0; b < x.dim(1); b++) {
                row(spec, w, x, ends[b], initial, y, last, kept, b);
            }
        };
    }

    /// Steps of each row.
    private static int[] ends(RecurrentSpec spec, @Nullable View lengths, View x) {
        if (lengths != null) {
            RecurrentCheck.lengths(spec, lengths, x.dim(0));
        }
        int[] ends = new int[x.dim(1)];
        for (int b = 0; b < ends.length; b++) {
            ends[b] = lengths == null ? x.dim(0) : (int) lengths.getLong((long) b * lengths.stride(0));
        }
        return ends;
    }

    private static void row(
            RecurrentSpec spec, RecurrentWeights w, View x, int steps, @Nullable RecurrentState initial, View y,
            RecurrentState last, @Nullable View kept, int b) {
        int hidden = y.dim(2);
        ReferenceCell cell = new ReferenceCell(spec.cell(), w, hidden, x.dim(2));
        double[] h = line(initial == null ? null : initial.h(), b, hidden);
        double[] c = line(initial == null ? null : initial.c(), b, hidden);
        for (int s = 0; s < steps; s++) {
            int t = spec.reverse() ? steps - 1 - s : s;
            double[] record = cell.step(line(x, t * x.dim(1) + b, x.dim(2)), h, c);
            store(y, t * x.dim(1) + b, h);
            if (kept != null) {
                store(kept, t * x.dim(1) + b, padded(record, kept.dim(2)));
            }
        }
        for (int t = steps; t < x.dim(0); t++) {
            store(y, t * x.dim(1) + b, new double[hidden]);
            if (kept != null) {
                store(kept, t * x.dim(1) + b, new double[kept.dim(2)]);
            }
        }
        store(last.h(), b, h);
        if (last.c() != null) {
            store(last.c(), b, c);
        }
    }

    private static double[] padded(double[] record, int width) {
        return java.util.Arrays.copyOf(record, width);
    }

    /// Line `i` of a view whose last dim has `size` elements; zeros for none.
    static double[] line(@Nullable View v, int i, int size) {
        double[] values = new double[size];
        for (int j = 0; v != null && j < size; j++) {
            values[j] = v.getDouble((long) i * size + j);
        }
        return values;
    }

    static void store(View v, int i, double[] values) {
        for (int j = 0; j < values.length; j++) {
            v.setDouble((long) i * values.length + j, values[j]);
        }
    }

    @Override
    public long packedBytes(RecurrentSpec spec, RecurrentWeights w) {
        RecurrentCheck.packedBytes(spec, w);
        long rows = w.input().dim(0);
        return rows * (w.input().dim(1) + w.hidden().dim(1) + 2L) * w.input().dtype().bytes();
    }

    @Override
    public PackedRecurrent pack(RecurrentSpec spec, RecurrentWeights w, MemorySegment memory) {
        RecurrentCheck.pack(spec, w, memory, packedBytes(spec, w));
        boolean bias = w.inputBias() != null;
        PackedRecurrent packed = new PackedRecurrent(
                memory, w.input().dtype(), spec.cell(), w.input().dim(1), w.hidden().dim(1), bias, LAYOUT);
        RecurrentWeights copy = plain(packed);
        copy(w.input(), copy.input());
        copy(w.hidden(), copy.hidden());
        if (w.inputBias() != null && copy.inputBias() != null && w.hiddenBias() != null && copy.hiddenBias() != null) {
            copy(w.inputBias(), copy.inputBias());
            copy(w.hiddenBias(), copy.hiddenBias());
        }
        return packed;
    }

    private static void copy(View from, View to) {
        for (int i = 0; i < from.count(); i++) {
            to.setDouble(i, from.getDouble(i));
        }
    }

    private static RecurrentWeights plain(PackedRecurrent w) {
        int rows = w.cell().gates() * w.hidden();
        long bytes = (long) rows * w.dtype().bytes();
        View input = View.of(w.memory(), 0, w.dtype(), rows, w.in());
        View hidden = View.of(w.memory(), bytes * w.in(), w.dtype(), rows, w.hidden());
        long biases = bytes * (w.in() + w.hidden());
        return w.bias()
                ? new RecurrentWeights(
                        input, hidden, View.of(w.memory(), biases, w.dtype(), rows),
                        View.of(w.memory(), biases + bytes, w.dtype(), rows))
                : RecurrentWeights.of(input, hidden);
    }

    @Override
    public Call forward(
            RecurrentSpec spec, PackedRecurrent w, View x, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last) {
        RecurrentCheck.packed(spec, w, x, lengths, initial, y, last, LAYOUT);
        return forward(spec, plain(w), x, lengths, initial, y, last, null);
    }

    @Override
    public Call backward(
            RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, View kept, View gy,
            RecurrentState gLast, @Nullable View gx, RecurrentWeights gw, RecurrentState gInitial) {
        RecurrentCheck.backward(spec, w, x, lengths, kept, gy, gLast, gx, gw, gInitial);
        return _ -> {
            int[] ends = ends(spec, lengths, x);
            int hidden = gy.dim(2);
            ReferenceCell cell = new ReferenceCell(spec.cell(), w, hidden, x.dim(2));
            for (int b = 0; b < x.dim(1); b++) {
                double[] gh = line(gLast.h(), b, hidden);
                double[] gc = line(gLast.c(), b, hidden);
                for (int s = ends[b] - 1; s >= 0; s--) {
                    int i = (spec.reverse() ? ends[b] - 1 - s : s) * x.dim(1) + b;
                    double[] step = cell.gradient(
                            line(x, i, x.dim(2)), line(kept, i, kept.dim(2)), line(gy, i, hidden), gh, gc);
                    if (gx != null) {
                        store(gx, i, step);
                    }
                }
                for (int t = ends[b]; gx != null && t < x.dim(0); t++) {
                    store(gx, t * x.dim(1) + b, new double[x.dim(2)]);
                }
                store(gInitial.h(), b, gh);
                if (gInitial.c() != null) {
                    store(gInitial.c(), b, gc);
                }
            }
            cell.storeGradients(gw);
        };
    }
}
