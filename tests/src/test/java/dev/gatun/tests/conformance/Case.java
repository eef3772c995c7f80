package dev.gatun.tests.conformance;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;

/// One call of one kernel: operands, how to bind it, how exact it must be. `magnitude` binds the call whose result on
/// absolute operands is the sum of absolute terms. `zeros` says that an output of mostly zeros is what is meant.
record Case(String name, List<Operand> in, List<Operand> out, Tolerance tolerance, Binding binding, Binding magnitude,
        boolean zeros) {
    /// Makes the call; the views are in the order of the operands.
    interface Binding {
        Call bind(Kernels kernels, List<View> in, List<View> out);
    }

    Case(String name, List<Operand> in, List<Operand> out, Tolerance tolerance, Binding binding) {
        this(name + " " + in + " → " + out, in, out, tolerance, binding, binding, false);
    }

    Case magnitude(Binding other) {
        return new Case(name, in, out, tolerance, binding, other, zeros);
    }

    Case allowZeros() {
        return new Case(name, in, out, tolerance, binding, magnitude, true);
    }
}
