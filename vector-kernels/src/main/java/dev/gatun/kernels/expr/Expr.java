package dev.gatun.kernels.expr;

import java.util.Locale;

/// A pointwise function as data: from one expression come the SIMD kernel, the double-precision evaluation, the
/// derivative, fusion by substitution, epilogues and optimiser updates. Records compare by structure, which makes an
/// expression the key of its compiled kernel. Comparisons give 1 or 0; a condition is true when it is not 0 (NaN too).
///
/// Numbers that change from call to call (a learning rate) are inputs of stride 0, not constants: a constant is
/// compiled in.
public sealed interface Expr {
    /// The value of operand `index` at this element.
    record Input(int index) implements Expr {
        @Override
        public String toString() {
            return "x" + index;
        }
    }

    /// The same number everywhere.
    record Constant(double value) implements Expr {
        @Override
        public String toString() {
            return value == Math.rint(value) && Math.abs(value) < 1e6 ? Long.toString((long) value)
                    : Double.toString(value);
        }
    }

    /// A function of one operand.
    record Unary(UnaryFunction function, Expr x) implements Expr {
        @Override
        public String toString() {
            return function.name().toLowerCase(Locale.ROOT) + "(" + x + ")";
        }
    }

    /// A function of two operands.
    record Binary(BinaryFunction function, Expr x, Expr y) implements Expr {
        @Override
        public String toString() {
            return Symbols.of(function, x, y);
        }
    }

    /// `x·y + z`, rounded once.
    record Fma(Expr x, Expr y, Expr z) implements Expr {
        @Override
        public String toString() {
            return "fma(" + x + ", " + y + ", " + z + ")";
        }
    }

    /// `condition ≠ 0 ? then : otherwise`; both are computed, neither can trap.
    record Select(Expr condition, Expr then, Expr otherwise) implements Expr {
        @Override
        public String toString() {
            return "(" + condition + " ? " + then + " : " + otherwise + ")";
        }
    }

    /// Operand `index`.
    static Expr input(int index) {
        return new Input(index);
    }

    /// A number.
    static Expr constant(double value) {
        return new Constant(value);
    }

    /// `condition ≠ 0 ? then : otherwise`.
    static Expr select(Expr condition, Expr then, Expr otherwise) {
        return new Select(condition, then, otherwise);
    }

    /// `x·y + z`, rounded once.
    static Expr fma(Expr x, Expr y, Expr z) {
        return new Fma(x, y, z);
    }

    /// `function(this)`.
    default Expr apply(UnaryFunction function) {
        return new Unary(function, this);
    }

    /// `function(this, y)`.
    default Expr apply(BinaryFunction function, Expr y) {
        return new Binary(function, this, y);
    }

    /// `this + y`.
    default Expr plus(Expr y) {
        return apply(BinaryFunction.ADD, y);
    }

    /// `this − y`.
    default Expr minus(Expr y) {
        return apply(BinaryFunction.SUB, y);
    }

    /// `this · y`.
    default Expr times(Expr y) {
        return apply(BinaryFunction.MUL, y);
    }

    /// `this / y`.
    default Expr over(Expr y) {
        return apply(BinaryFunction.DIV, y);
    }

    /// `this + y`.
    default Expr plus(double y) {
        return plus(constant(y));
    }

    /// `this − y`.
    default Expr minus(double y) {
        return minus(constant(y));
    }

    /// `this · y`.
    default Expr times(double y) {
        return times(constant(y));
    }

    /// `this / y`.
    default Expr over(double y) {
        return over(constant(y));
    }

    /// `−this`.
    default Expr negated() {
        return apply(UnaryFunction.NEG);
    }

    /// `max(this, y)`; NaN when either is.
    default Expr max(Expr y) {
        return apply(BinaryFunction.MAX, y);
    }

    /// `min(this, y)`; NaN when either is.
    default Expr min(Expr y) {
        return apply(BinaryFunction.MIN, y);
    }
}
