package dev.gatun.ops;

import java.util.List;

/// Checks of the number of operands and of their element types, shared by the shape rules.
final class Arity {
    private Arity() {}

    static Signature one(String op, List<Signature> inputs) {
        check(op, inputs, 1);
        return inputs.getFirst();
    }

    static void check(String op, List<Signature> inputs, int count) {
        if (inputs.size() != count) {
            throw new IllegalArgumentException(
                    op + ": takes " + count + " operands, not " + inputs.size() + ": " + inputs);
        }
    }

    static void floating(String op, List<Signature> inputs) {
        for (Signature s : inputs) {
            if (!s.dtype().isFloating()) {
                throw new IllegalArgumentException(
                        op + ": needs floating-point operands: " + inputs + "; convert with to(DType.F32)");
            }
        }
    }

    static void sameType(String op, List<Signature> inputs) {
        for (Signature s : inputs) {
            if (s.dtype() != inputs.getFirst().dtype()) {
                throw new IllegalArgumentException(
                        op + ": element types differ: " + inputs + "; convert one with to(DType)");
            }
        }
    }
}
