package dev.gatun.ops.graph;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.Fusible;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `scale·(W ∗ x + b) + shift` per output channel becomes `W′ ∗ x + b′` with `W′ = scale·W`, `b′ = scale·b + shift`:
/// batch normalisation in evaluation mode vanishes into the weights before it. Needs constant weights, scale and shift.
/// The result differs from the unfolded one by rounding.
final class FoldAffine {
    private static final Set<Expr> AFFINE = Set.of(
            Expr.fma(Expr.input(0), Expr.input(1), Expr.input(2)),
            Expr.input(0).times(Expr.input(1)).plus(Expr.input(2)));

    private FoldAffine() {}

    static Graph apply(Graph graph) {
        return Rewrite.pairs(graph, FoldAffine::fold);
    }

    private static @Nullable Step fold(Step producer, Step consumer, Value link) {
        if (!(consumer.op() instanceof Pointwise pointwise) || !AFFINE.contains(pointwise.expr())
                || !(producer.op() instanceof Fusible fusible) || consumer.inputs().getFirst() != link
                || !consumer.output().signature().equals(link.signature())) {
            return null;
        }
        Value weights = producer.inputs().get(1);
        Value scale = consumer.inputs().get(1);
        Value shift = consumer.inputs().get(2);
        boolean bias = fusible.epilogue().equals(MatMul.BIASED.epilogue());
        boolean plain = fusible.epilogue().equals(Expr.input(0));
        if (!weights.isConstant() || !scale.isConstant() || !shift.isConstant() || !(bias || plain)
                || (bias && !producer.inputs().get(2).isConstant())) {
            return null;
        }
        Shape result = link.signature().shape();
        int axis = fusible instanceof Conv2d ? 1 : result.rank() - 1;
        int channels = result.dim(axis);
        if (!perChannel(scale, result, axis) || !perChannel(shift, result, axis)
                || (bias && !perChannel(producer.inputs().get(2), result, axis))) {
            return null;
        }
        Tensor factor = scale.tensor().reshape(channels);
        Tensor offset = shift.tensor().reshape(channels);
        if (bias) {
            offset = producer.inputs().get(2).tensor().reshape(channels).mul(factor).add(offset);
        }
        Tensor w = weights.tensor();
        Tensor folded =
                fusible instanceof Conv2d ? w.mul(factor.reshape(leading(channels, w.shape().rank()))) : w.mul(factor);
        List<Value> operands = new ArrayList<>(List.of(producer.inputs().getFirst(), Value.constant(folded)));
        operands.add(Value.constant(offset.reshape(along(result.rank(), axis, channels))));
        return new Step(fusible.withEpilogue(MatMul.BIASED.epilogue()), operands, consumer.outputs());
    }

    /// True when the value has one number per channel of `result` (its size along `axis`) and broadcasts along it.
    private static boolean perChannel(Value value, Shape result, int axis) {
        Shape shape = value.signature().shape();
        int own = axis - (result.rank() - shape.rank());
        return own >= 0 && shape.count() == result.dim(axis) && shape.dim(own) == result.dim(axis);
    }

    private static int[] leading(int channels, int rank) {
        return along(rank, 0, channels);
    }

    private static int[] along(int rank, int axis, int channels) {
        int[] dims = new int[rank];
        java.util.Arrays.fill(dims, 1);
        dims[axis] = channels;
        return dims;
    }
}
