package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.PointwiseKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.Operands;
import dev.gatun.kernels.check.PointwiseCheck;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// maths: `out[j] = outputs[j](in…)` at every element, each expression evaluated in double (integers: in long).
/// layout: any strides; all operands of an element are read before any result of it is written.
/// blocking and why: none. Integer expressions that divide are evaluated once before, so that a division by zero is
/// thrown before anything is written.
/// registers: none held.
/// evidence: this is the definition; [Evaluation] is checked against formulas restated in the tests.
public final class ReferencePointwise implements PointwiseKernels {
    @Override
    public Call mapAll(List<Expr> outputs, List<List<View>> in, List<List<View>> out) {
        PointwiseCheck.mapAll(outputs, in, out);
        List<Call> calls = IntStream.range(0, in.size()).mapToObj(i -> map(outputs, in.get(i), out.get(i))).toList();
        return scratch -> calls.forEach(c -> c.run(scratch));
    }

    @Override
    public Call map(List<Expr> outputs, List<View> in, List<View> out) {
        PointwiseCheck.map(outputs, in, out);
        View[] operands = in.toArray(View[]::new);
        View[] results = out.toArray(View[]::new);
        Walk walk = Walk.over(
                results[0].dims(), Stream.concat(in.stream(), out.stream()).map(View::strides).toArray(int[][]::new));
        if (Operands.integers(in) && Operands.integers(out)) {
            return integers(outputs.toArray(Expr[]::new), operands, results, walk);
        }
        boolean wide = Stream.concat(in.stream(), out.stream()).anyMatch(v -> v.dtype() == DType.F64);
        ScalarMap[] maps = outputs.stream()
                .map(e -> new ScalarMap(e, wide ? DType.F64 : DType.F32))
                .toArray(ScalarMap[]::new);
        double[] values = new double[operands.length];
        double[] finished = new double[results.length];
        return _ -> {
            for (walk.reset(); walk.next();) {
                for (int i = 0; i < operands.length; i++) {
                    double v = operands[i].getDouble(walk.at(i));
                    values[i] = wide ? v : (float) v;
                }
                for (int j = 0; j < results.length; j++) {
                    double v = maps[j].evaluate(values);
                    finished[j] = wide ? v : (float) v;
                }
                for (int j = 0; j < results.length; j++) {
                    results[j].setDouble(walk.at(operands.length + j), finished[j]);
                }
            }
        };
    }

    private static Call integers(Expr[] outputs, View[] operands, View[] results, Walk walk) {
        boolean divides = Stream.of(outputs).anyMatch(Evaluation::divides);
        long[] values = new long[operands.length];
        long[] finished = new long[results.length];
        return _ -> {
            for (int pass = divides ? 0 : 1; pass < 2; pass++) {
                for (walk.reset(); walk.next();) {
                    for (int i = 0; i < operands.length; i++) {
                        values[i] = operands[i].getLong(walk.at(i));
                    }
                    for (int j = 0; j < results.length; j++) {
                        finished[j] = evaluate(outputs[j], values, walk);
                    }
                    for (int j = 0; pass == 1 && j < results.length; j++) {
                        results[j].setLong(walk.at(operands.length + j), finished[j]);
                    }
                }
            }
        };
    }

    private static long evaluate(Expr e, long[] values, Walk walk) {
        try {
            return Evaluation.evaluateIntegers(e, values);
        } catch (ArithmeticException _) {
            throw new ArithmeticException(
                    "pointwise: integer division by zero: at position "
                            + java.util.Arrays.toString(walk.coordinates()));
        }
    }
}
