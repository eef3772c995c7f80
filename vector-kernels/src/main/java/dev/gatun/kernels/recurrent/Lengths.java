package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.RecurrentCheck;
import org.jspecify.annotations.Nullable;

/// Where each row ends. Time runs through all steps in either direction; a row takes part in the steps before its end and
/// keeps its state in the others, which for the reverse direction is the initial one: so it begins at its own end.
final class Lengths {
    private final RecurrentSpec spec;
    private final @Nullable View view;
    private final int steps;
    private final int[] ends;

    Lengths(RecurrentSpec spec, @Nullable View view, int steps, int rows) {
        this.spec = spec;
        this.view = view;
        this.steps = steps;
        ends = new int[rows];
        java.util.Arrays.fill(ends, steps);
    }

    /// Reads the numbers anew.
    void read() {
        View v = view;
        if (v != null) {
            RecurrentCheck.lengths(spec, v, steps);
            for (int i = 0; i < ends.length; i++) {
                ends[i] = (int) v.getLong((long) i * v.stride(0));
            }
        }
    }

    boolean isActive(int row, int step) {
        return step < ends[row];
    }
}
