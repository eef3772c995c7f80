package dev.gatun.kernels.recurrent;

import static dev.gatun.kernels.expr.Expr.constant;
import static dev.gatun.kernels.expr.Expr.fma;
import static dev.gatun.kernels.expr.Expr.input;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.codegen.CellCompiler;
import dev.gatun.kernels.codegen.CellLoop;
import dev.gatun.kernels.codegen.ExprLowering;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The cells as expressions over lanes, and the loops compiled from them, each once.
///
/// Forward: inputs are the gates of the input's product, those of the state's product, the old h, and the old c (LSTM) or
/// the bias of n's state product (GRU); outputs the new h, the new c (LSTM), and, when kept, the lines that the
/// backward pass reads. Backward: inputs are the gradient of h that arrives from later steps, that of y, that of c
/// (LSTM), and the kept lines; outputs what remains of the gradient of h beside the product, the gradient of the old c
/// (LSTM), the gradients of the gates, and (GRU) those of the state's product where they differ.
final class CellMaths {
    private static final Expr ONE = constant(1);

    private record Key(VectorType type, RecurrentCell cell, boolean backward, boolean keep) {}

    private final Map<Key, CellLoop> loops = new ConcurrentHashMap<>();

    CellLoop forward(VectorType type, RecurrentCell cell, boolean keep) {
        return loops.computeIfAbsent(new Key(type, cell, false, keep), _ -> {
            List<Expr> outputs = forward(cell, keep);
            List<Integer> steps = new ArrayList<>(Collections.nCopies(2 * cell.gates(), cell.gates()));
            steps.addAll(Collections.nCopies(forwardStates(cell) + outputs.size(), 1));
            return CellCompiler.compile(ExprLowering.lower(type.dtype(), outputs), type, steps);
        });
    }

    CellLoop backward(VectorType type, RecurrentCell cell) {
        return loops.computeIfAbsent(new Key(type, cell, true, true), _ -> {
            List<Expr> outputs = backward(cell);
            List<Integer> steps = Collections.nCopies(backwardInputs(cell) + outputs.size(), 1);
            return CellCompiler.compile(ExprLowering.lower(type.dtype(), outputs), type, steps);
        });
    }

    /// Inputs of the forward loop behind the gates.
    static int forwardStates(RecurrentCell cell) {
        return switch (cell) {
            case LSTM, GRU -> 2;
            case TANH, RELU -> 1;
        };
    }

    static int backwardInputs(RecurrentCell cell) {
        return (cell.hasCellState() ? 3 : 2) + cell.kept();
    }

    private static Expr sigmoid(Expr x) {
        return x.apply(UnaryFunction.SIGMOID);
    }

    private static Expr tanh(Expr x) {
        return x.apply(UnaryFunction.TANH);
    }

    private static List<Expr> forward(RecurrentCell cell, boolean keep) {
        int gates = cell.gates();
        Expr h = input(2 * gates);
        Expr other = input(2 * gates + 1);
        List<Expr> outputs = new ArrayList<>();
        switch (cell) {
            case LSTM -> {
                Expr i = sigmoid(gate(cell, 0));
                Expr f = sigmoid(gate(cell, 1));
                Expr g = tanh(gate(cell, 2));
                Expr o = sigmoid(gate(cell, 3));
                Expr c = fma(f, other, i.times(g));
                outputs.addAll(List.of(o.times(tanh(c)), c));
                if (keep) {
                    outputs.addAll(List.of(i, f, g, o, other, h));
                }
            }
            case GRU -> {
                Expr r = sigmoid(gate(cell, 0));
                Expr z = sigmoid(gate(cell, 1));
                Expr q = input(gates + 2).plus(other);
                Expr n = tanh(fma(r, q, input(2)));
                outputs.add(fma(z, h.minus(n), n));
                if (keep) {
                    outputs.addAll(List.of(r, z, n, q, h));
                }
            }
            case TANH, RELU -> {
                Expr v = gate(cell, 0);
                Expr next = cell == RecurrentCell.TANH ? tanh(v) : v.max(constant(0));
                outputs.add(next);
                if (keep) {
                    outputs.addAll(List.of(next, h));
                }
            }
        }
        return outputs;
    }

    private static Expr gate(RecurrentCell cell, int index) {
        return input(index).plus(input(cell.gates() + index));
    }

    /// `x·(1 − x)`, the derivative of the logistic function by its value.
    private static Expr slope(Expr x) {
        return x.times(ONE.minus(x));
    }

    private static Expr tanhSlope(Expr x) {
        return ONE.minus(x.times(x));
    }

    private static List<Expr> backward(RecurrentCell cell) {
        Expr dh = input(0).plus(input(1));
        return switch (cell) {
            case LSTM -> {
                Expr i = input(3);
                Expr f = input(4);
                Expr g = input(5);
                Expr o = input(6);
                Expr old = input(7);
                Expr t = tanh(fma(f, old, i.times(g)));
                Expr dc = fma(dh.times(o), tanhSlope(t), input(2));
                yield List.of(
                        constant(0), dc.times(f), dc.times(g).times(slope(i)), dc.times(old).times(slope(f)),
                        dc.times(i).times(tanhSlope(g)), dh.times(t).times(slope(o)));
            }
            case GRU -> {
                Expr r = input(2);
                Expr z = input(3);
                Expr n = input(4);
                Expr q = input(5);
                Expr old = input(6);
                Expr dn = dh.times(ONE.minus(z)).times(tanhSlope(n));
                Expr dr = dn.times(q).times(slope(r));
                Expr dz = dh.times(old.minus(n)).times(slope(z));
                yield List.of(dh.times(z), dr, dz, dn, dr, dz, dn.times(r));
            }
            case TANH -> List.of(constant(0), dh.times(tanhSlope(input(2))));
            case RELU -> List.of(
                    constant(0), Expr.select(input(2).apply(BinaryFunction.GT, constant(0)), dh, constant(0)));
        };
    }
}
