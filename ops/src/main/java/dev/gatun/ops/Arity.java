package dev.gatun.ops;

import dev.gatun.kernels.DType;
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

    static void index(String op, Signature index) {
        if (index.dtype() != DType.I64 && index.dtype() != DType.I32) {
            throw new IllegalArgumentException(op + ": the index must be I64 or I32: " + index);
        }
    }

    static void vectorIndex(String op, Signature index) {
        index(op, index);
        if (index.shape().rank() != 1) {
            throw new IllegalArgumentException(op + ": the index must be a vector: " + index.shape());
        }
    }

    /// The index has as many dims as what it indexes, and no dim but `dim` is larger.
    static void within(String op, Shape indexed, Shape index, int dim) {
        boolean fits = indexed.rank() == index.rank();
        for (int i = 0; fits && i < index.rank(); i++) {
            fits = i == dim || index.dim(i) <= indexed.dim(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(op + ": the index must have as many dims, none larger but dim " + dim
                    + ": " + index + " for shape " + indexed);
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
