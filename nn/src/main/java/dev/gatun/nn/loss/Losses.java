package dev.gatun.nn.loss;

import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.Typing;
import java.util.List;

/// The losses of PyTorch by their names there. Those of one argument less take the mean. Elementwise ones need outputs
/// and targets of one shape and one type; nothing is broadcast.
public final class Losses {
    private static final Expr X = Expr.input(0);
    private static final Expr Y = Expr.input(1);
    private static final Expr D = X.minus(Y);
    private static final Expr ABS = D.apply(UnaryFunction.ABS);

    private static final Pointwise MSE = Pointwise.of("mse", 2, D.times(D));
    private static final Pointwise L1 = Pointwise.of("l1", 2, ABS);
    private static final Pointwise BCE = bceOp();
    // With y the target and w the weight of positives: (1 − y)·x + (1 + (w − 1)·y)·softplus(−x), where
    // softplus(−x) = −ln sigmoid(x) never overflows.
    private static final Pointwise BCE_LOGITS = Pointwise.of("bceWithLogits", 3,
            Expr.constant(1).minus(Y).times(X).plus(Expr.constant(1).plus(Expr.input(2).minus(1).times(Y))
                    .times(X.negated().apply(UnaryFunction.SOFTPLUS))));

    private Losses() {}

    /// Cross entropy of logits `[n, classes, …]` against class indices I64 `[n, …]`, mean.
    public static Tensor crossEntropy(Tensor logits, Tensor labels) {
        return CrossEntropy.DEFAULT.apply(logits, labels);
    }

    /// Negative log likelihood of log-probabilities `[n, classes, …]` against class indices I64 `[n, …]`, mean.
    public static Tensor nll(Tensor logProbabilities, Tensor labels) {
        return CrossEntropy.DEFAULT.nll(logProbabilities, labels);
    }

    /// `(x − y)²`, mean.
    public static Tensor mse(Tensor x, Tensor y) {
        return mse(x, y, Reduction.MEAN);
    }

    /// `(x − y)²`.
    public static Tensor mse(Tensor x, Tensor y, Reduction reduction) {
        return elementwise(MSE, x, y, reduction);
    }

    /// `|x − y|`, mean.
    public static Tensor l1(Tensor x, Tensor y) {
        return l1(x, y, Reduction.MEAN);
    }

    /// `|x − y|`, derivative 0 where they are equal.
    public static Tensor l1(Tensor x, Tensor y, Reduction reduction) {
        return elementwise(L1, x, y, reduction);
    }

    /// `½d²` for `|d| ≤ delta`, else `delta·(|d| − ½delta)`, with `d = x − y`.
    public static Tensor huber(Tensor x, Tensor y, double delta, Reduction reduction) {
        checkPositive("huber", delta);
        Expr near = D.times(D).times(0.5);
        Expr far = ABS.minus(delta / 2).times(delta);
        Expr inside = ABS.apply(BinaryFunction.LE, Expr.constant(delta));
        return elementwise(Pointwise.of("huber", 2, Expr.select(inside, near, far)), x, y, reduction);
    }

    /// `½d²/beta` for `|d| < beta`, else `|d| − ½beta`, with `d = x − y`.
    public static Tensor smoothL1(Tensor x, Tensor y, double beta, Reduction reduction) {
        checkPositive("smoothL1", beta);
        Expr near = D.times(D).times(0.5 / beta);
        Expr inside = ABS.apply(BinaryFunction.LT, Expr.constant(beta));
        return elementwise(Pointwise.of("smoothL1", 2, Expr.select(inside, near, ABS.minus(beta / 2))), x, y,
                reduction);
    }

    /// Binary cross entropy of probabilities: `−y·ln x − (1 − y)·ln(1 − x)`, logarithms no lower than −100, mean.
    public static Tensor bce(Tensor x, Tensor y) {
        return bce(x, y, Reduction.MEAN);
    }

    /// Binary cross entropy of probabilities: `−y·ln x − (1 − y)·ln(1 − x)`, logarithms no lower than −100.
    public static Tensor bce(Tensor x, Tensor y, Reduction reduction) {
        return elementwise(BCE, x, y, reduction);
    }

    /// Binary cross entropy of logits, mean.
    public static Tensor bceWithLogits(Tensor x, Tensor y) {
        return bceWithLogits(x, y, Tensor.onesLike(x.detach().sum()), Reduction.MEAN);
    }

    /// Binary cross entropy of logits, `−w·y·ln σ(x) − (1 − y)·ln(1 − σ(x))` in its stable form. `positiveWeight`, the
    /// w, broadcasts to x.
    public static Tensor bceWithLogits(Tensor x, Tensor y, Tensor positiveWeight, Reduction reduction) {
        check("bceWithLogits", x, y);
        return reduction.of(Tensor.applyOne(BCE_LOGITS, x, y, positiveWeight));
    }

    private static Tensor elementwise(Pointwise op, Tensor x, Tensor y, Reduction reduction) {
        check(op.name(), x, y);
        return reduction.of(Tensor.applyOne(op, x, y));
    }

    private static void check(String name, Tensor x, Tensor y) {
        if (!x.signature().equals(y.signature())) {
            throw new IllegalArgumentException(name + ": outputs and targets must have one type and one shape: "
                    + x.signature() + " and " + y.signature());
        }
    }

    private static void checkPositive(String name, double value) {
        if (!(value > 0)) {
            throw new IllegalArgumentException(name + ": the threshold must be positive: " + value);
        }
    }

    private static Pointwise bceOp() {
        Expr floor = Expr.constant(-100);
        Expr one = Expr.constant(1);
        Expr yes = X.apply(UnaryFunction.LOG);
        Expr no = X.negated().apply(UnaryFunction.LOG1P);
        Expr loss = Y.times(yes.max(floor)).plus(one.minus(Y).times(no.max(floor))).negated();
        Expr gradient = Expr.input(3);
        // At x = 0 and x = 1 the derivative is infinite; bounded as in PyTorch.
        Expr spread = one.minus(X).times(X).max(Expr.constant(1e-12));
        return new Pointwise("bce", 2, loss,
                List.of(gradient.times(X.minus(Y).over(spread)), gradient.times(no.max(floor).minus(yes.max(floor)))),
                Typing.FLOATING);
    }
}
