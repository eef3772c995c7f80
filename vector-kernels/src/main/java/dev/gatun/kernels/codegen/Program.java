package dev.gatun.kernels.codegen;

import java.util.List;

/// Straight-line code in single-assignment form: value `i` is made by `ops.get(i)` from values before it. Equal
/// operations on equal values are one value, so common subexpressions are computed once.
///
/// @param ops the operations
/// @param outputs for each output the number of its value
/// @param inputs the input numbers that are read, ascending
public record Program(List<Op> ops, List<Integer> outputs, List<Integer> inputs) {
    /// What a lane operation does. Letters: f floating lanes, i integer lanes of the same width, m mask.
    public enum Code {
        /// f: input number `immediate`.
        INPUT,
        /// f: the double whose bits are `immediate`, in every lane.
        CONSTANT,
        /// i: `immediate` in every lane.
        INTEGER,
        /// f + f.
        ADD,
        /// f − f.
        SUB,
        /// f · f.
        MUL,
        /// f / f.
        DIV,
        /// f · f + f, rounded once.
        FMA,
        /// Larger of two f, as [Math#max].
        MAX,
        /// Smaller of two f, as [Math#min].
        MIN,
        /// −f.
        NEG,
        /// |f|.
        ABS,
        /// √f.
        SQRT,
        /// f, f, m: the second where the mask is set.
        BLEND,
        /// i as the f with the same bits.
        AS_FLOAT,
        /// f as the i with the same bits.
        AS_INTEGER,
        /// i + i.
        IADD,
        /// i − i.
        ISUB,
        /// i and i, bitwise.
        IAND,
        /// i or i, bitwise.
        IOR,
        /// i xor i.
        IXOR,
        /// i shifted left by `immediate`.
        SHL,
        /// i shifted right by `immediate`, sign kept.
        SHR,
        /// m: f < f.
        LT,
        /// m: f ≤ f.
        LE,
        /// m: f > f.
        GT,
        /// m: f ≥ f.
        GE,
        /// m: f = f.
        EQ,
        /// m: f ≠ f (true for NaN).
        NE,
        /// m: i = i.
        IEQ,
        /// m and m.
        MAND,
        /// m or m.
        MOR,
        /// not m.
        MNOT,
        /// f, f, f, m: the first; where the mask is set, the scalar function `immediate` ([Fallback]) of the other
        /// two. Only for lanes that are rare: it leaves the vectors, one lane at a time.
        FALLBACK;

        boolean isMask() {
            return switch (this) {
                case LT, LE, GT, GE, EQ, NE, IEQ, MAND, MOR, MNOT -> true;
                case INPUT, CONSTANT, INTEGER, ADD, SUB, MUL, DIV, FMA, MAX, MIN, NEG, ABS, SQRT, BLEND, AS_FLOAT,
                        AS_INTEGER, IADD, ISUB, IAND, IOR, IXOR, SHL, SHR, FALLBACK -> false;
            };
        }
    }

    /// One operation; operands that it does not have are −1.
    public record Op(Code code, int a, int b, int c, int d, long immediate) {}

    /// Copies the lists.
    public Program {
        ops = List.copyOf(ops);
        outputs = List.copyOf(outputs);
        inputs = List.copyOf(inputs);
    }
}
