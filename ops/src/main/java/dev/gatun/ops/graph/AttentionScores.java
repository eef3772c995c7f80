package dev.gatun.ops.graph;

import dev.gatun.ops.Autograd;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Op;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.PointwiseTable;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What stands between a product and a softmax, as the scores of an attention: `scale·product + mask`. Understood are
/// multiplication and division by constant numbers, one added mask behind all of them, and `where` of a constant
/// condition that puts −∞.
///
/// Masks qualify when every query is sure to see a key. A query that sees none gives NaN through softmax and zeros
/// through attention; numbers near the end of the range overflow inside its exponents. So a constant mask must have a
/// number above −10³⁰ in each row and none above 10³⁰, and a computed one must be known to lie between ±10³⁰ ([Bounds]:
/// `(1 − m)·−10000` of a BOOL or integer m, say). Scores are taken to be finite.
///
/// @param product the step that makes the scores
/// @param scale what they are multiplied with
/// @param mask what is added then, or null
record AttentionScores(Step product, double scale, @Nullable Value mask) {
    private static final double LIMIT = 1e30;

    /// A value and the number that it is multiplied with.
    record Scaled(Value of, double factor) {}

    /// The scores that become `value`, or null when it is something else.
    static @Nullable AttentionScores before(Value value, Map<Value, Step> producers, Readers readers) {
        double scale = 1;
        Value mask = null;
        Value at = value;
        while (readers.isReadOnce(at)) {
            Step step = producers.get(at);
            if (step == null) {
                return null;
            }
            if (step.op() instanceof MatMul product) {
                return new AttentionScores(step, scale * product.alpha(), mask);
            }
            Scaled scaled = scaled(step);
            if (scaled != null) {
                scale *= scaled.factor;
                at = scaled.of;
                continue;
            }
            // What is farther from the product than a factor is multiplied by it: only −∞ stays what it is.
            int scores = scoresOf(step, producers);
            Value added = scores < 0 || mask != null ? null : mask(step, scores, producers);
            if (added == null || (scale != 1 && !(scale > 0 && step.op().equals(PointwiseTable.WHERE)))) {
                return null;
            }
            mask = added;
            at = step.inputs().get(scores);
        }
        return null;
    }

    /// The value and the number when `step` multiplies or divides by a constant number, else null.
    static @Nullable Scaled scaled(Step step) {
        Op op = step.op();
        if (!(op instanceof Pointwise) || step.inputs().size() != 2) {
            return null;
        }
        Value x = step.inputs().get(0);
        Value y = step.inputs().get(1);
        if (op.equals(PointwiseTable.MUL) && isNumber(x)) {
            return scaled(step, y, number(x));
        }
        if (op.equals(PointwiseTable.MUL) && isNumber(y)) {
            return scaled(step, x, number(y));
        }
        return op.equals(PointwiseTable.DIV) && isNumber(y) ? scaled(step, x, 1 / number(y)) : null;
    }

    private static @Nullable Scaled scaled(Step step, Value of, double factor) {
        boolean same = of.signature().equals(step.output().signature());
        return same && Double.isFinite(factor) && factor != 0 ? new Scaled(of, factor) : null;
    }

    private static boolean isNumber(Value value) {
        return value.isConstant() && value.signature().shape().count() == 1;
    }

    private static double number(Value value) {
        return value.tensor().view().getDouble(0);
    }

    /// Which operand of a step that masks leads to a product; −1 when none does.
    private static int scoresOf(Step step, Map<Value, Step> producers) {
        boolean masks = step.op().equals(PointwiseTable.ADD) || step.op().equals(PointwiseTable.WHERE);
        for (int i = 0; masks && i < step.inputs().size(); i++) {
            Value v = step.inputs().get(i);
            Step producer = producers.get(v);
            boolean leads = producer != null && (producer.op() instanceof MatMul || scaled(producer) != null
                    || producer.op().equals(PointwiseTable.WHERE));
            if (leads && v.signature().equals(step.output().signature())) {
                return i;
            }
        }
        return -1;
    }

    /// What `step` adds to its operand `scores`, when it qualifies.
    private static @Nullable Value mask(Step step, int scores, Map<Value, Step> producers) {
        Shape shape = step.output().signature().shape();
        if (step.op().equals(PointwiseTable.WHERE)) {
            Value seen = step.inputs().getFirst();
            Value hidden = step.inputs().get(3 - scores);
            if (scores == 0 || !seen.isConstant() || !isNumber(hidden)
                    || number(hidden) != Double.NEGATIVE_INFINITY) {
                return null;
            }
            Value mask = Value.constant(Autograd.noGrad(() -> {
                Tensor zero = Tensor.zeros(hidden.signature().dtype(), Shape.SCALAR);
                return scores == 1 ? Tensor.where(seen.tensor(), zero, hidden.tensor())
                        : Tensor.where(seen.tensor(), hidden.tensor(), zero);
            }));
            return everyRowSees(mask, shape) ? mask : null;
        }
        Value mask = step.inputs().get(1 - scores);
        boolean fits = mask.signature().dtype() == step.output().signature().dtype();
        boolean sees = mask.isConstant() ? everyRowSees(mask, shape) : Bounds.of(mask, producers).within(LIMIT);
        return fits && sees ? mask : null;
    }

    private static boolean everyRowSees(Value mask, Shape scores) {
        Tensor numbers = mask.tensor();
        if (numbers.count() == 0) {
            return false;
        }
        double[] all = numbers.contiguous().toDoubles();
        int row = numbers.rank() == 0 ? 1 : numbers.size(-1);
        boolean sees = numbers.rank() <= scores.rank();
        for (int start = 0; sees && start < all.length; start += row) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int i = start; i < start + row; i++) {
                largest = Math.max(largest, all[i]);
            }
            sees = largest > -LIMIT && largest < LIMIT;
        }
        return sees;
    }
}
