package dev.gatun.tests.conformance;

import static dev.gatun.tests.conformance.OpRow.in;

import dev.gatun.ops.MatMul;
import dev.gatun.ops.Place;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.PointwiseTable;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Rows of the operations on tensors.
final class OpRows {
    private OpRows() {
    }

    static List<OpRow> all() {
        List<OpRow> rows = new ArrayList<>();
        for (Pointwise op : PointwiseTable.all()) {
            rows.add(pointwise(op));
        }
        broadcasting(rows);
        reductions(rows);
        products(rows);
        views(rows);
        rows.addAll(LayerOpRows.all());
        rows.addAll(TransformerOpRows.all());
        rows.addAll(RecurrentOpRows.all());
        return rows;
    }

    private static OpRow pointwise(Pointwise op) {
        List<OpRow.Input> inputs = IntStream.range(0, op.operands())
                .mapToObj(i -> new OpRow.Input(new int[] {3, 37}, PointwiseFormulas.domain(op.name(), i),
                        op.name().equals("where") && i == 0))
                .toList();
        boolean truth = switch (op.name()) {
            case "eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr", "logicalNot", "isNan" -> true;
            default -> false;
        };
        return new OpRow(op.name(), inputs, t -> Tensor.applyOne(op, t.toArray(Tensor[]::new)),
                v -> PointwiseFormulas.of(op.name(), v), !truth, !truth);
    }

    private static void broadcasting(List<OpRow> rows) {
        rows.add(OpRow.of("add, broadcast", t -> t.get(0).add(t.get(1)), in(3, 4), in(4)));
        rows.add(OpRow.of("mul, both broadcast", t -> t.get(0).mul(t.get(1)), in(2, 1, 5), in(4, 1)));
        rows.add(OpRow.of("div, scalar operand", t -> t.get(0).div(t.get(1)), in(2, 3), in(Domain.POSITIVE)));
        rows.add(OpRow.of("maximum, broadcast", t -> t.get(0).maximum(t.get(1)), in(5, 7), in(5, 1)));
        rows.add(OpRow.of("same operand twice", t -> t.get(0).mul(t.get(0)).add(t.get(0)), in(5, 7)));
        rows.add(OpRow.of("where, broadcast", t -> Tensor.where(t.get(0).gt(0), t.get(1), t.get(2)), in(3, 1), in(3, 5),
                in(5)));
        rows.add(one("add number", t -> t.add(1.5)));
        rows.add(one("subtract from", t -> t.rsub(1.5)));
        rows.add(one("multiply, number", t -> t.mul(-2)));
        rows.add(one("divide, number", t -> t.div(3)));
        rows.add(OpRow.of("power, number", t -> t.get(0).pow(2.5), in(Domain.POSITIVE, 4, 9)));
        rows.add(one("cube", t -> t.pow(3)));
        rows.add(one("clamp, numbers", t -> t.clamp(-0.71, 0.53)));
        rows.add(OpRow.of("add multiple", t -> t.get(0).add(t.get(1), 0.25), in(4, 9), in(9)));
        rows.add(OpRow.of("lerp", t -> t.get(0).lerp(t.get(1), 0.3), in(4, 9), in(4, 9)));
        rows.add(OpRow.of("log2", t -> t.get(0).log2(), in(Domain.POSITIVE, 4, 9)));
        rows.add(OpRow.of("log10", t -> t.get(0).log10(), in(Domain.POSITIVE, 4, 9)));
        rows.add(OpRow.of("tan", t -> t.get(0).tan(), in(Domain.uniform(-1, 1), 4, 9)));
        rows.add(one("in place on an intermediate", t -> t.mul(2).addInPlace(t).mulInPlace(t.exp())));
    }

    private static OpRow one(String name, UnaryOperator<Tensor> work) {
        return OpRow.of(name, t -> work.apply(t.getFirst()), in(4, 9));
    }

    private static void reductions(List<OpRow> rows) {
        int[][] choices = {{}, {0}, {1}, {2}, {0, 2}, {1, 2}, {0, 1, 2}};
        for (int[] dims : choices) {
            String suffix = " over " + java.util.Arrays.toString(dims);
            rows.add(three("sum" + suffix, t -> t.sum(dims, false)));
            rows.add(three("mean" + suffix, t -> t.mean(dims, true)));
            rows.add(three("amax" + suffix, t -> t.amax(dims, false)));
            rows.add(three("amin" + suffix, t -> t.amin(dims, true)));
            rows.add(three("var" + suffix, t -> t.var(dims, 1, false)));
            rows.add(three("std" + suffix, t -> t.std(dims, 0, true)));
            rows.add(three("logSumExp" + suffix, t -> t.logSumExp(dims, false)));
            rows.add(three("norm 2" + suffix, t -> t.norm(2, dims, false)));
            rows.add(three("norm 1" + suffix, t -> t.norm(1, dims, false)));
            rows.add(three("norm 3" + suffix, t -> t.norm(3, dims, false)));
            rows.add(three("norm ∞" + suffix, t -> t.norm(Double.POSITIVE_INFINITY, dims, false)));
            rows.add(OpRow.of("prod" + suffix, t -> t.get(0).prod(dims, false), in(PointwiseFormulas.AWAY, 2, 3, 4)));
        }
        rows.add(OpRow.of("prod with a zero", t -> t.get(0).prod(1),
                in((i, random) -> i == 4 ? 0 : random.nextDouble(0.5, 1.5), 4, 4)).once());
        rows.add(OpRow.of("sum of a transposed", t -> t.get(0).t().sum(1), in(5, 7)));
    }

    private static OpRow three(String name, UnaryOperator<Tensor> work) {
        return OpRow.of(name, t -> work.apply(t.getFirst()), in(3, 5, 7));
    }

    private static void products(List<OpRow> rows) {
        Function<List<Tensor>, Tensor> matmul = t -> t.get(0).matmul(t.get(1));
        rows.add(OpRow.of("matmul", matmul, in(5, 17), in(17, 9)));
        rows.add(OpRow.of("matmul, batches broadcast", matmul, in(2, 1, 3, 4), in(3, 4, 5)));
        rows.add(OpRow.of("matmul, batch by matrix", matmul, in(2, 3, 4), in(4, 5)));
        rows.add(OpRow.of("matmul, matrix by batch", matmul, in(3, 4), in(2, 4, 5)));
        rows.add(OpRow.of("matmul, vectors", matmul, in(7), in(7)));
        rows.add(OpRow.of("matmul, vector by matrix", matmul, in(7), in(7, 3)));
        rows.add(OpRow.of("matmul, batch by vector", matmul, in(2, 3, 7), in(7)));
        rows.add(OpRow.of("matmul, transposed", t -> t.get(0).t().matmul(t.get(1).t()), in(4, 3), in(5, 4)));
        rows.add(OpRow.of("matmul by itself", t -> t.get(0).matmul(t.get(0).t()), in(4, 3)));
        rows.add(OpRow.of("bmm", t -> t.get(0).bmm(t.get(1)), in(2, 3, 4), in(2, 4, 5)));
        rows.add(OpRow.of("dot", t -> t.get(0).dot(t.get(1)), in(33), in(33)));
        rows.add(OpRow.of("outer", t -> t.get(0).outer(t.get(1)), in(5), in(7)));
        rows.add(OpRow.of("linear", t -> t.get(0).linear(t.get(1), t.get(2)), in(6, 5), in(3, 5), in(3)));
        rows.add(OpRow.of("linear of a batch", t -> t.get(0).linear(t.get(1)), in(2, 6, 5), in(3, 5)));
        rows.add(OpRow.of("matmul with factor", t -> Tensor.applyOne(new MatMul(-0.5, MatMul.BIASED.epilogue()),
                t.get(0), t.get(1), t.get(2)), in(4, 5), in(5, 6), in(4, 1)));
    }

    private static void views(List<OpRow> rows) {
        rows.add(three("reshape", t -> t.reshape(5, -1)));
        rows.add(three("reshape of a transposed", t -> t.transpose(0, 2).reshape(7, 15)));
        rows.add(three("view", t -> t.view(15, 7)));
        rows.add(three("permute", t -> t.permute(2, 0, 1)));
        rows.add(three("transpose", t -> t.transpose(-1, 0)));
        rows.add(three("slice", t -> t.slice(2, 1, 7, 2)));
        rows.add(three("slice twice", t -> t.slice(2, 1, 6).slice(1, 0, 5, 3)));
        rows.add(three("narrow", t -> t.narrow(1, 2, 2)));
        rows.add(three("select", t -> t.select(1, -1)));
        rows.add(OpRow.of("expand", t -> t.get(0).expand(4, 3, 5), in(3, 1)));
        rows.add(OpRow.of("expand as", t -> t.get(0).expandAs(t.get(1)).mul(t.get(1)), in(1, 5), in(3, 5)));
        rows.add(OpRow.of("squeeze, unsqueeze", t -> t.get(0).squeeze().unsqueeze(1), in(3, 1, 4, 1)));
        rows.add(three("flatten", t -> t.flatten(1)));
        rows.add(three("unfold", t -> t.unfold(2, 3, 2)));
        rows.add(three("unfold, overlapping", t -> t.unfold(1, 4, 1)));
        rows.add(OpRow.of("diagonal", t -> t.get(0).diagonal(), in(4, 6)));
        rows.add(three("copy of a permuted", t -> t.permute(1, 2, 0).copy()));
        rows.add(three("contiguous", t -> t.transpose(0, 1).contiguous()));
        rows.add(OpRow.of("place", t -> Tensor.applyOne(
                new Place(Shape.of(7, 6), List.of(1, 2), List.of(2, 1), 0.5), t.get(0)), in(3, 4)));
        rows.add(three("convert", t -> t.to(dev.gatun.kernels.DType.F64).mul(2).to(t.dtype())));
    }
}
