package dev.gatun.onnx;

import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.Permute;
import dev.gatun.ops.Shape;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Dims in another order: several reorderings in a row are one, or none.
final class PermuteRule {
    private PermuteRule() {}

    static void write(Emission out, Step step, Permute op) {
        Value result = step.output();
        List<Integer> order = op.order();
        Value source = step.inputs().getFirst();
        for (Step before = out.producer(source); before != null && before.op() instanceof Permute p
                && !out.isKnown(source); before = out.producer(source)) {
            List<Integer> joined = new ArrayList<>();
            order.forEach(i -> joined.add(p.order().get(i)));
            order = joined;
            source = before.inputs().getFirst();
        }
        boolean moves = false;
        for (int i = 0; i < order.size(); i++) {
            moves |= order.get(i) != i;
        }
        if (moves) {
            out.define(result, out.emit(result.signature(), "Transpose",
                    Map.of("perm", Attribute.of(order.stream().mapToInt(Integer::intValue).toArray())),
                    out.name(source)));
        } else {
            out.same(result, source);
        }
    }

    /// `value` with its dims in this order, as a value that is written already.
    static Value permuted(Emission out, Value value, Integer... order) {
        List<Integer> list = List.of(order);
        int[] dims = list.stream().mapToInt(value.signature().shape()::dim).toArray();
        Value result = Value.of(value.signature().with(new Shape(dims)));
        Step step = new Step(new Permute(list), List.of(value), List.of(result));
        out.produce(step);
        write(out, step, new Permute(list));
        return result;
    }
}
