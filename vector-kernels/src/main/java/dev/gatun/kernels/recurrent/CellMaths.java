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
/// (LSTM) or the bias of n's state product (GRU), the new h, then the lines that the backward pass reads. A cell is
/// several loops, the first ones over pairs of gates, in place: all in one is more than C1 compiles, and functions that
/// wait for each other leave the processor idle where two independent ones fill it.
///
/// Backward, one loop: inputs are the gradient of h that arrives from later steps, that of y, that of c (LSTM), and the
/// kept lines; outputs what remains of the gradient of h beside the product, the gradient of the old c (LSTM), the
/// gradients of the gates, and (GRU) those of the state's product where they differ.
final class CellMaths {
    private static final Expr ONE = constant(1);

    /// A loop and the numbers of its operands, inputs then outputs.
    record Stage(CellLoop loop, int[] operands) {}

    /// What a stage computes, input i being operand i of the list, and the operands that take the outputs after those.
    private record Part(List<Expr> outputs, List<Integer> operands) {}

    private record Key(VectorType type, RecurrentCell cell, boolean keep) {}

    private record LoopKey(VectorType type, List<Expr> outputs, List<Integer> steps) {}

    private final Map<Key, List<Stage>> stages = new ConcurrentHashMap<>();
    private final Map<LoopKey, CellLoop> loops = new ConcurrentHashMap<>();

    List<Stage> forward(VectorType type, RecurrentCell cell, boolean keep) {
        return stages.computeIfAbsent(
                new Key(type, cell, keep), _ -> parts(cell, keep).stream().map(p -> stage(type, cell, p)).toList());
    }

    CellLoop backward(VectorType type, RecurrentCell cell) {
        List<Expr> outputs = backward(cell);
        return loop(type, outputs, Collections.nCopies(backwardInputs(cell) + outputs.size(), 1));
    }

    private Stage stage(VectorType type, RecurrentCell cell, Part part) {
        int gates = cell.gates();
        List<Integer> steps = part.operands.stream().map(o -> o < 2 * gates ? gates : 1).toList();
        return new Stage(
                loop(type, part.outputs, steps), part.operands.stream().mapToInt(Integer::intValue).toArray());
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

    private static Expr sigmoid(Expr x) {
        return x.apply(UnaryFunction.SIGMOID);
    }

    private static Expr tanh(Expr x) {
        return x.apply(UnaryFunction.TANH);
    }

    private static List<Part> parts(RecurrentCell cell, boolean keep) {
        Expr first = input(0).plus(input(1));
        Expr second = input(2).plus(input(3));
        return switch (cell) {
            case LSTM -> {
                Expr i = input(0);
                Expr f = input(1);
                Expr g = input(2);
                Expr o = input(3);
                Expr c = fma(f, input(4), i.times(g));
                yield List.of(
                        new Part(List.of(sigmoid(first), sigmoid(second)), List.of(0, 4, 1, 5, 4, 5)),
                        new Part(List.of(sigmoid(first), tanh(second)), List.of(3, 7, 2, 6, 7, 6)),
                        last(
                                cell, keep, List.of(4, 5, 6, 7, other(cell), oldState(cell)),
                                List.of(o.times(tanh(c)), c), List.of(newState(cell), other(cell)),
                                List.of(i, f, g, o, input(4), input(5))));
            }
            case GRU -> {
                Expr r = input(2);
                Expr z = input(3);
                Expr old = input(5);
                Expr q = input(1).plus(input(4));
                Expr n = tanh(fma(r, q, input(0)));
                yield List.of(
                        new Part(List.of(sigmoid(first), sigmoid(second)), List.of(0, 3, 1, 4, 3, 4)),
                        last(
                                cell, keep, List.of(2, 5, 3, 4, other(cell), oldState(cell)),
                                List.of(fma(z, old.minus(n), n)), List.of(newState(cell)), List.of(r, z, n, q, old)));
            }
            case TANH, RELU -> {
                Expr next = cell == RecurrentCell.TANH ? tanh(first) : first.max(constant(0));
                yield List.of(
                        last(
                                cell, keep, List.of(0, 1, oldState(cell)), List.of(next), List.of(newState(cell)),
                                List.of(next, input(2))));
            }
        };
    }

    /// The stage that makes the new state and, when asked, `lines` for the backward pass.
    private static Part last(
            RecurrentCell cell, boolean keep, List<Integer> inputs, List<Expr> results, List<Integer> to,
            List<Expr> lines) {
        List<Expr> outputs = new ArrayList<>(results);
        List<Integer> operands = new ArrayList<>(inputs);
        operands.addAll(to);
        for (int i = 0; keep && i < lines.size(); i++) {
            outputs.add(lines.get(i));
            operands.add(kept(cell) + i);
        }
        return new Part(outputs, operands);
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
