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
/// Forward, operands by number: the gates of the input's product, those of the state's product, the old h, the old c
/// (LSTM) or the bias of n's state product (GRU), the new h, then the lines that the backward pass reads. The gates
/// that go through a sigmoid do so in loops of their own, in place: all in one is more than C1 compiles.
///
/// Backward, one loop: inputs are the gradient of h that arrives from later steps, that of y, that of c (LSTM), and the
/// kept lines; outputs what remains of the gradient of h beside the product, the gradient of the old c (LSTM), the
/// gradients of the gates, and (GRU) those of the state's product where they differ.
final class CellMaths {
    private static final Expr ONE = constant(1);

    /// A loop and the numbers of its operands, inputs then outputs.
    record Stage(CellLoop loop, int[] operands) {}

    private record Key(VectorType type, RecurrentCell cell, boolean backward, boolean keep) {}

    private record LoopKey(VectorType type, List<Expr> outputs, List<Integer> steps) {}

    private final Map<Key, List<Stage>> stages = new ConcurrentHashMap<>();
    private final Map<LoopKey, CellLoop> loops = new ConcurrentHashMap<>();

    List<Stage> forward(VectorType type, RecurrentCell cell, boolean keep) {
        return stages.computeIfAbsent(new Key(type, cell, false, keep), _ -> {
            List<Stage> made = new ArrayList<>();
            for (int gate : sigmoids(cell)) {
                int product = cell.gates() + gate;
                List<Integer> operands = List.of(gate, product, product);
                made.add(stage(type, cell, List.of(sigmoid(input(0).plus(input(1)))), operands));
            }
            made.add(stage(type, cell, forward(cell, keep), operands(cell, keep)));
            return made;
        });
    }

    CellLoop backward(VectorType type, RecurrentCell cell) {
        List<Expr> outputs = backward(cell);
        return loop(type, outputs, Collections.nCopies(backwardInputs(cell) + outputs.size(), 1));
    }

    private Stage stage(VectorType type, RecurrentCell cell, List<Expr> outputs, List<Integer> operands) {
        int gates = cell.gates();
        List<Integer> steps = operands.stream().map(o -> o < 2 * gates ? gates : 1).toList();
        return new Stage(loop(type, outputs, steps), operands.stream().mapToInt(Integer::intValue).toArray());
    }

    private CellLoop loop(VectorType type, List<Expr> outputs, List<Integer> steps) {
        return loops.computeIfAbsent(
                new LoopKey(type, outputs, steps),
                _ -> CellCompiler.compile(ExprLowering.lower(type.dtype(), outputs), type, steps));
    }

    // Numbers of operands behind the gates.

    static int oldState(RecurrentCell cell) {
        return 2 * cell.gates();
    }

    static int other(RecurrentCell cell) {
        return 2 * cell.gates() + 1;
    }

    static int newState(RecurrentCell cell) {
        return 2 * cell.gates() + 2;
    }

    static int kept(RecurrentCell cell) {
        return 2 * cell.gates() + 3;
    }

    static int backwardInputs(RecurrentCell cell) {
        return (cell.hasCellState() ? 3 : 2) + cell.kept();
    }

    private static List<Integer> sigmoids(RecurrentCell cell) {
        return switch (cell) {
            case LSTM -> List.of(0, 1, 3);
            case GRU -> List.of(0, 1);
            case TANH, RELU -> List.of();
        };
    }

    /// Operands of the last stage.
    private static List<Integer> operands(RecurrentCell cell, boolean keep) {
        List<Integer> operands = new ArrayList<>(switch (cell) {
            case LSTM -> List.of(2, 6, 4, 5, 7, other(cell), oldState(cell), newState(cell), other(cell));
            case GRU -> List.of(2, 5, 3, 4, other(cell), oldState(cell), newState(cell));
            case TANH, RELU -> List.of(0, 1, oldState(cell), newState(cell));
        });
        for (int i = 0; keep && i < cell.kept(); i++) {
            operands.add(kept(cell) + i);
        }
        return operands;
    }

    private static Expr sigmoid(Expr x) {
        return x.apply(UnaryFunction.SIGMOID);
    }

    private static Expr tanh(Expr x) {
        return x.apply(UnaryFunction.TANH);
    }

    private static List<Expr> forward(RecurrentCell cell, boolean keep) {
        List<Expr> outputs = new ArrayList<>();
        switch (cell) {
            case LSTM -> {
                Expr i = input(2);
                Expr f = input(3);
                Expr g = tanh(input(0).plus(input(1)));
                Expr o = input(4);
                Expr c = fma(f, input(5), i.times(g));
                outputs.addAll(List.of(o.times(tanh(c)), c));
                if (keep) {
                    outputs.addAll(List.of(i, f, g, o, input(5), input(6)));
                }
            }
            case GRU -> {
                Expr z = input(3);
                Expr q = input(1).plus(input(4));
                Expr n = tanh(fma(input(2), q, input(0)));
                outputs.add(fma(z, input(5).minus(n), n));
                if (keep) {
                    outputs.addAll(List.of(input(2), z, n, q, input(5)));
                }
            }
            case TANH, RELU -> {
                Expr v = input(0).plus(input(1));
                Expr next = cell == RecurrentCell.TANH ? tanh(v) : v.max(constant(0));
                outputs.add(next);
                if (keep) {
                    outputs.addAll(List.of(next, input(2)));
                }
            }
        }
        return outputs;
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
