package dev.gatun.kernels.codegen;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.codegen.Program.Code;
import dev.gatun.kernels.codegen.Program.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Collects the operations of a [Program]; every method returns the number of its value. Asking for an operation that
/// is there already gives the old value.
public final class ProgramBuilder {
    private final List<Op> ops = new ArrayList<>();
    private final Map<Op, Integer> known = new HashMap<>();
    private final long signBit;

    /// For F32 (integer lanes of 32 bits) or F64 (64 bits).
    ProgramBuilder(DType dtype) {
        signBit = dtype == DType.F32 ? 0x8000_0000L : Long.MIN_VALUE;
    }

    private int op(Code code, int a, int b, int c, int d, long immediate) {
        Op op = new Op(code, a, b, c, d, immediate);
        Integer old = known.get(op);
        if (old != null) {
            return old;
        }
        ops.add(op);
        known.put(op, ops.size() - 1);
        return ops.size() - 1;
    }

    private int op(Code code, int a, int b) {
        return op(code, a, b, -1, -1, 0);
    }

    private int op(Code code, int a) {
        return op(code, a, -1, -1, -1, 0);
    }

    int input(int index) {
        return op(Code.INPUT, -1, -1, -1, -1, index);
    }

    int constant(double value) {
        return op(Code.CONSTANT, -1, -1, -1, -1, Double.doubleToRawLongBits(value));
    }

    int integer(long value) {
        return op(Code.INTEGER, -1, -1, -1, -1, value);
    }

    boolean isConstant(int x) {
        return ops.get(x).code() == Code.CONSTANT;
    }

    double constantValue(int x) {
        return Double.longBitsToDouble(ops.get(x).immediate());
    }

    boolean isMask(int x) {
        return ops.get(x).code().isMask();
    }

    int add(int x, int y) {
        return op(Code.ADD, x, y);
    }

    int sub(int x, int y) {
        return op(Code.SUB, x, y);
    }

    int mul(int x, int y) {
        return op(Code.MUL, x, y);
    }

    /// x · y for a number y; not named like [#mul], whose arguments are both values.
    int scaled(int x, double y) {
        return mul(x, constant(y));
    }

    /// x + y for a number y.
    int shifted(int x, double y) {
        return add(x, constant(y));
    }

    int div(int x, int y) {
        return op(Code.DIV, x, y);
    }

    int fma(int x, int y, int z) {
        return op(Code.FMA, x, y, z, -1, 0);
    }

    /// max; with a constant on the right a compare and a blend, because [Math#max] costs several instructions.
    int max(int x, int y) {
        if (isConstant(y) && !Double.isNaN(constantValue(y))) {
            boolean negativeZero = Double.doubleToRawLongBits(constantValue(y)) == Long.MIN_VALUE;
            return blend(x, y, negativeZero ? lt(x, y) : le(x, y));
        }
        return op(Code.MAX, x, y);
    }

    int min(int x, int y) {
        if (isConstant(y) && !Double.isNaN(constantValue(y))) {
            boolean positiveZero = Double.doubleToRawLongBits(constantValue(y)) == 0;
            return blend(x, y, positiveZero ? gt(x, y) : ge(x, y));
        }
        return op(Code.MIN, x, y);
    }

    int neg(int x) {
        return op(Code.NEG, x);
    }

    int abs(int x) {
        return op(Code.ABS, x);
    }

    int sqrt(int x) {
        return op(Code.SQRT, x);
    }

    /// `mask ? then : otherwise`.
    int select(int mask, int then, int otherwise) {
        return blend(otherwise, then, mask);
    }

    int blend(int x, int y, int mask) {
        return op(Code.BLEND, x, y, mask, -1, 0);
    }

    int asFloat(int x) {
        return op(Code.AS_FLOAT, x);
    }

    int asInteger(int x) {
        return op(Code.AS_INTEGER, x);
    }

    int iadd(int x, int y) {
        return op(Code.IADD, x, y);
    }

    /// A constant is added with the other sign: what is added may come first, and C2 knows the class of constants.
    int isub(int x, int y) {
        if (ops.get(y).code() == Code.INTEGER) {
            return iadd(x, integer(-ops.get(y).immediate()));
        }
        return op(Code.ISUB, x, y);
    }

    int iand(int x, int y) {
        return op(Code.IAND, x, y);
    }

    int ior(int x, int y) {
        return op(Code.IOR, x, y);
    }

    int ixor(int x, int y) {
        return op(Code.IXOR, x, y);
    }

    int shl(int x, int bits) {
        return op(Code.SHL, x, -1, -1, -1, bits);
    }

    int shr(int x, int bits) {
        return op(Code.SHR, x, -1, -1, -1, bits);
    }

    int lt(int x, int y) {
        return op(Code.LT, x, y);
    }

    int le(int x, int y) {
        return op(Code.LE, x, y);
    }

    int gt(int x, int y) {
        return op(Code.GT, x, y);
    }

    int ge(int x, int y) {
        return op(Code.GE, x, y);
    }

    int eq(int x, int y) {
        return op(Code.EQ, x, y);
    }

    int ne(int x, int y) {
        return op(Code.NE, x, y);
    }

    int ieq(int x, int y) {
        return op(Code.IEQ, x, y);
    }

    int and(int x, int y) {
        return op(Code.MAND, x, y);
    }

    int or(int x, int y) {
        return op(Code.MOR, x, y);
    }

    int not(int x) {
        return op(Code.MNOT, x);
    }

    int fallback(Fallback function, int fast, int x, int y, int mask) {
        return op(Code.FALLBACK, fast, x, y, mask, function.ordinal());
    }

    /// `c[0] + c[1]·x + c[2]·x² + …` by Horner's rule with fused multiply-adds.
    int polynomial(int x, double... c) {
        int sum = constant(c[c.length - 1]);
        for (int i = c.length - 2; i >= 0; i--) {
            sum = fma(sum, x, constant(c[i]));
        }
        return sum;
    }

    /// `magnitude` (not negative) with the sign bit of `sign`.
    int withSignOf(int magnitude, int sign) {
        return asFloat(ior(asInteger(magnitude), iand(asInteger(sign), integer(signBit))));
    }

    /// Everything that the outputs need, and nothing else.
    Program build(List<Integer> outputs) {
        boolean[] live = new boolean[ops.size()];
        outputs.forEach(o -> live[o] = true);
        int[] renamed = new int[ops.size()];
        for (int i = ops.size() - 1; i >= 0; i--) {
            if (live[i]) {
                Op op = ops.get(i);
                for (int operand : new int[] {op.a(), op.b(), op.c(), op.d()}) {
                    if (operand >= 0) {
                        live[operand] = true;
                    }
                }
            }
        }
        List<Op> kept = new ArrayList<>();
        TreeSet<Integer> inputs = new TreeSet<>();
        for (int i = 0; i < ops.size(); i++) {
            if (live[i]) {
                Op op = ops.get(i);
                renamed[i] = kept.size();
                kept.add(new Op(
                        op.code(), rename(renamed, op.a()), rename(renamed, op.b()), rename(renamed, op.c()),
                        rename(renamed, op.d()), op.immediate()));
                if (op.code() == Code.INPUT) {
                    inputs.add((int) op.immediate());
                }
            }
        }
        return new Program(kept, outputs.stream().map(o -> renamed[o]).toList(), List.copyOf(inputs));
    }

    private static int rename(int[] renamed, int value) {
        return value < 0 ? value : renamed[value];
    }
}
