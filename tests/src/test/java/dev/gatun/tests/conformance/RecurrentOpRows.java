package dev.gatun.tests.conformance;

import static dev.gatun.tests.conformance.OpRow.in;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Rows of recurrent layers: every cell in both directions, from a state and with lengths or without.
final class RecurrentOpRows {
    private static final int STEPS = 4;
    private static final int BATCH = 3;
    private static final int IN = 2;
    private static final int HIDDEN = 5;

    private RecurrentOpRows() {
    }

    static List<OpRow> all() {
        List<OpRow> rows = new ArrayList<>();
        for (RecurrentCell cell : RecurrentCell.values()) {
            for (boolean reverse : new boolean[] {false, true}) {
                rows.add(row(new RecurrentSpec(cell, reverse), true, false));
                rows.add(row(new RecurrentSpec(cell, reverse), false, true));
            }
        }
        return rows;
    }

    private static OpRow row(RecurrentSpec spec, boolean full, boolean lengths) {
        int gates = spec.cell().gates() * HIDDEN;
        Domain weights = Domain.uniform(-0.7, 0.7);
        List<OpRow.Input> in = new ArrayList<>(List.of(in(STEPS, BATCH, IN), in(weights, gates, IN),
                in(weights, gates, HIDDEN)));
        if (full) {
            in.addAll(List.of(in(weights, gates), in(weights, gates), in(BATCH, HIDDEN)));
            if (spec.cell().hasCellState()) {
                in.add(in(BATCH, HIDDEN));
            }
        }
        String name = spec.cell().name().toLowerCase(Locale.ROOT) + (spec.reverse() ? ", reverse" : "")
                + (full ? ", from a state" : "") + (lengths ? ", lengths" : "");
        return OpRow.of(name, t -> {
            Recurrent.Operands operands = new Recurrent.Operands(t.get(1), t.get(2), at(t, 3), at(t, 4), at(t, 5),
                    at(t, 6));
            List<Tensor> out = Recurrent.run(spec, t.getFirst(), operands,
                    lengths ? Tensor.of(new long[] {2, STEPS, 0}, BATCH) : null);
            // Everything that comes out takes part.
            return Tensor.cat(0, out.stream().map(o -> o.reshape(-1, HIDDEN)).toArray(Tensor[]::new));
        }, in.toArray(OpRow.Input[]::new)).once();
    }

    private static @Nullable Tensor at(List<Tensor> tensors, int index) {
        return index < tensors.size() ? tensors.get(index) : null;
    }
}
