package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Operands of recurrent layers.
public final class RecurrentCheck {
    private RecurrentCheck() {}

    /// The name that opens messages.
    public static String op(RecurrentSpec spec) {
        return switch (spec.cell()) {
            case LSTM, GRU -> spec.cell().name().toLowerCase(Locale.ROOT);
            case TANH, RELU -> "rnn";
        };
    }

    /// Forward with plain weights.
    public static void forward(
            RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last, @Nullable View kept) {
        String op = op(spec);
        weights(op, spec.cell(), w);
        Operands.floating(op, x, w.input());
        sequence(spec, x, w.input().dim(1), w.hidden().dim(1), lengths, initial, y, last);
        if (kept != null) {
            kept(spec, x, w.hidden().dim(1), kept);
        }
        List<View> out = list(y, last.h(), last.c(), kept);
        apart(op, out, list(x, lengths, w.input(), w.hidden(), w.inputBias(), w.hiddenBias(), initial));
    }

    /// Forward with weights packed as `layout`.
    public static void packed(
            RecurrentSpec spec, PackedRecurrent w, View x, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last, String layout) {
        String op = op(spec);
        GemmCheck.layout(op, w.layout(), layout);
        if (w.cell() != spec.cell() || w.dtype() != x.dtype()) {
            throw new IllegalArgumentException(op + ": packed for another cell or type: weights " + w.cell() + " "
                    + w.dtype() + ", wanted " + spec.cell() + " " + x.dtype());
        }
        sequence(spec, x, w.in(), w.hidden(), lengths, initial, y, last);
        apart(op, list(y, last.h(), last.c()), list(x, lengths, initial));
    }

    /// Weights to be packed.
    public static void pack(RecurrentSpec spec, RecurrentWeights w, MemorySegment memory, long bytes) {
        packedBytes(spec, w);
        GemmCheck.memory(op(spec), memory, bytes);
    }

    /// Weights whose packed size is asked for.
    public static void packedBytes(RecurrentSpec spec, RecurrentWeights w) {
        weights(op(spec), spec.cell(), w);
    }

    /// Backward.
    public static void backward(
            RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, View kept, View gy,
            RecurrentState gLast, @Nullable View gx, RecurrentWeights gw, RecurrentState gInitial) {
        String op = op(spec) + "Gradient";
        weights(op, spec.cell(), w);
        Operands.floating(op, x, w.input());
        sequence(spec, x, w.input().dim(1), w.hidden().dim(1), lengths, gInitial, gy, gLast);
        kept(spec, x, w.hidden().dim(1), kept);
        weights(op, spec.cell(), gw);
        Operands.sameDims(op, "the input weights", w.input(), "their gradient", gw.input());
        Operands.sameDims(op, "the hidden weights", w.hidden(), "their gradient", gw.hidden());
        if ((w.inputBias() == null) != (gw.inputBias() == null)) {
            throw new IllegalArgumentException(op + ": gradients of the biases are wanted where there are biases");
        }
        if (gx != null) {
            Operands.sameDims(op, "x", x, "its gradient", gx);
            dense(op, "the gradient of x", gx);
            Operands.sameType(op, x, gx);
        }
        List<View> out = list(gx, gw.input(), gw.hidden(), gw.inputBias(), gw.hiddenBias(), gInitial.h(), gInitial.c());
        apart(op, out, list(x, lengths, w.input(), w.hidden(), kept, gy, gLast));
    }

    /// The lengths are in range; read when a call runs.
    public static void lengths(RecurrentSpec spec, View lengths, int steps) {
        for (int i = 0; i < lengths.dim(0); i++) {
            long length = lengths.getLong((long) i * lengths.stride(0));
            if (length < 0 || length > steps) {
                throw new IllegalArgumentException(op(spec) + ": lengths must be from 0 to the number of steps: length "
                        + length + " of row " + i + ", steps " + steps);
            }
        }
    }

    private static void weights(String op, RecurrentCell cell, RecurrentWeights w) {
        Operands.floating(op, w.input(), w.hidden());
        Operands.rank(op, "the input weight", w.input(), 2);
        Operands.rank(op, "the hidden weight", w.hidden(), 2);
        int hidden = w.hidden().dim(1);
        int rows = cell.gates() * hidden;
        if (hidden < 1 || w.input().dim(1) < 1 || w.hidden().dim(0) != rows || w.input().dim(0) != rows) {
            throw new IllegalArgumentException(op + ": needs weights [" + cell.gates() + "·hidden, in] and ["
                    + cell.gates() + "·hidden, hidden]: " + shape(w.input()) + " and " + shape(w.hidden()));
        }
        dense(op, "the input weight", w.input());
        dense(op, "the hidden weight", w.hidden());
        for (View bias : list(w.inputBias(), w.hiddenBias())) {
            Operands.sameType(op, w.input(), bias);
            Operands.dims(op, "a bias", bias, rows);
            dense(op, "a bias", bias);
        }
    }

    private static void sequence(
            RecurrentSpec spec, View x, int in, int hidden, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last) {
        String op = op(spec);
        Operands.floating(op, x, y);
        Operands.rank(op, "x", x, 3);
        if (x.dim(2) != in) {
            throw new IllegalArgumentException(
                    op + ": x must be [steps, batch, " + in + "], as the weights ask: " + shape(x));
        }
        dense(op, "x", x);
        Operands.dims(op, "y", y, x.dim(0), x.dim(1), hidden);
        dense(op, "y", y);
        if (lengths != null) {
            Operands.type(op, "the lengths", lengths, DType.I64);
            Operands.dims(op, "the lengths", lengths, x.dim(1));
        }
        state(op, "the initial", spec.cell(), initial, x, hidden);
        state(op, "the last", spec.cell(), last, x, hidden);
    }

    private static void state(
            String op, String which, RecurrentCell cell, @Nullable RecurrentState state, View x, int hidden) {
        if (state == null) {
            return;
        }
        if ((state.c() != null) != cell.hasCellState()) {
            throw new IllegalArgumentException(
                    op + ": " + which + " state " + (state.c() == null ? "needs a" : "has no")
                            + " cell state");
        }
        for (View v : list(state.h(), state.c())) {
            Operands.sameType(op, x, v);
            Operands.dims(op, which + " state", v, x.dim(1), hidden);
            dense(op, which + " state", v);
        }
    }

    private static void kept(RecurrentSpec spec, View x, int hidden, View kept) {
        Operands.sameType(op(spec), x, kept);
        Operands.dims(op(spec), "what is kept", kept, x.dim(0), x.dim(1), spec.cell().keptWidth(hidden));
        dense(op(spec), "what is kept", kept);
    }

    private static void dense(String op, String name, View v) {
        if (!v.isContiguous()) {
            throw new IllegalArgumentException(
                    op + ": " + name + " must be row-major without holes: " + v + "; copy it first");
        }
    }

    private static void apart(String op, List<View> out, List<View> in) {
        for (int i = 0; i < out.size(); i++) {
            for (View v : in) {
                Operands.apart(op, "an input", v, out.get(i));
            }
            for (View other : out.subList(0, i)) {
                Operands.apart(op, "another output", other, out.get(i));
            }
        }
    }

    /// The views among these, those of states too.
    private static List<View> list(@Nullable Object... parts) {
        List<View> views = new ArrayList<>();
        for (Object part : parts) {
            if (part instanceof View v) {
                views.add(v);
            } else if (part instanceof RecurrentState s) {
                views.addAll(list(s.h(), s.c()));
            }
        }
        return views;
    }
}
