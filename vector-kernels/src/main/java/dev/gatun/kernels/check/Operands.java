package dev.gatun.kernels.check;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.reference.Walk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Rules that operands of many families share. `op` opens every message; `name` is the operand's name in it.
public final class Operands {
    private Operands() {}

    /// Those of optional operands that are there, in their order.
    public static List<View> given(@Nullable View... views) {
        List<View> given = new ArrayList<>();
        for (View v : views) {
            if (v != null) {
                given.add(v);
            }
        }
        return given;
    }

    /// Both have the same sizes.
    public static void sameDims(String op, String nameA, View a, String nameB, View b) {
        if (!Arrays.equals(a.dims(), b.dims())) {
            throw new IllegalArgumentException(op + ": " + nameA + " and " + nameB + " must have the same shape: "
                    + shape(a) + " and " + shape(b));
        }
    }

    /// The sizes are these.
    public static void dims(String op, String name, View v, int... expected) {
        if (!Arrays.equals(v.dims(), expected)) {
            throw new IllegalArgumentException(
                    op + ": " + name + " must have shape " + Arrays.toString(expected) + ": " + shape(v));
        }
    }

    /// The number of dims is this.
    public static void rank(String op, String name, View v, int rank) {
        if (v.rank() != rank) {
            throw new IllegalArgumentException(op + ": " + name + " must have " + rank + " dims: " + shape(v));
        }
    }

    /// `dim` is one of the dims.
    public static void dim(String op, View v, int dim) {
        if (dim < 0 || dim >= v.rank()) {
            throw new IllegalArgumentException(
                    op + ": dim must be in 0 … " + (v.rank() - 1) + ": " + dim + " of shape " + shape(v));
        }
    }

    /// All have the element type of the first.
    public static void sameType(String op, View first, View... others) {
        for (View v : others) {
            if (v.dtype() != first.dtype()) {
                throw new IllegalArgumentException(op + ": element types must be the same: " + first.dtype()
                        + shape(first) + " and " + v.dtype() + shape(v) + "; convert one of them first");
            }
        }
    }

    /// All have one floating element type.
    public static void floating(String op, View first, View... others) {
        if (!first.dtype().isFloating()) {
            throw new IllegalArgumentException(op + ": the element type must be F32 or F64: " + first.dtype()
                    + shape(first) + "; convert it first");
        }
        sameType(op, first, others);
    }

    /// The element type is this.
    public static void type(String op, String name, View v, DType expected) {
        if (v.dtype() != expected) {
            throw new IllegalArgumentException(
                    op + ": " + name + " must be " + expected + ": " + v.dtype() + shape(v));
        }
    }

    /// Indices are I64 or I32.
    public static void index(String op, View v) {
        if (v.dtype() != DType.I64 && v.dtype() != DType.I32) {
            throw new IllegalArgumentException(op + ": indices must be I64 or I32: " + v.dtype() + shape(v));
        }
    }

    /// No element of `out` has two places, so that every store is the only one to its memory.
    public static void writable(String op, View out) {
        if (out.count() > 0 && repeats(out)) {
            throw new IllegalArgumentException(op + ": the output must not repeat elements: shape " + shape(out)
                    + ", strides " + Arrays.toString(out.strides()) + "; write to a copy");
        }
    }

    /// `out` shares no element with `in`.
    public static void apart(String op, String name, View in, View out) {
        if (overlap(in, out)) {
            throw new IllegalArgumentException(op + ": the output must not overlap " + name + ": output " + out + " at "
                    + address(out) + ", " + name + " " + in + " at " + address(in));
        }
    }

    /// `out` shares no element with `in`, or is exactly `in`.
    public static void apartOrSame(String op, String name, View in, View out) {
        if (!same(in, out)) {
            apart(op, name, in, out);
        }
    }

    /// Every input of `expr` has an operand.
    public static void inputs(String op, Expr expr, int operands) {
        int needed = Evaluation.inputCount(expr);
        if (needed > operands) {
            throw new IllegalArgumentException(op + ": the expression reads input " + (needed - 1) + ", but there are "
                    + operands + " operands: " + expr);
        }
    }

    /// True when both are the same elements in the same order, of the same type.
    public static boolean same(View a, View b) {
        if (a.dtype() != b.dtype() || address(a) != address(b) || !Arrays.equals(a.dims(), b.dims())) {
            return false;
        }
        return IntStream.range(0, a.rank()).allMatch(i -> a.dim(i) == 1 || a.stride(i) == b.stride(i));
    }

    /// True when the two share at least one byte; exact for all strides.
    public static boolean overlap(View a, View b) {
        if (a.count() == 0 || b.count() == 0 || !meet(a, b)) {
            return false;
        }
        if (a.isContiguous() && b.isContiguous()) {
            return true;
        }
        if (Interleaved.apart(a, b, address(a), address(b))) {
            return false;
        }
        // Interleaved views of one block, such as two column ranges of a matrix: mark the bytes of one.
        long start = Math.min(address(a), address(b));
        BitSet taken = new BitSet();
        for (Walk w = Walk.over(a.dims(), a.strides()); w.next();) {
            int at = Math.toIntExact(address(a) - start + w.at(0) * a.dtype().bytes());
            taken.set(at, at + a.dtype().bytes());
        }
        for (Walk w = Walk.over(b.dims(), b.strides()); w.next();) {
            int at = Math.toIntExact(address(b) - start + w.at(0) * b.dtype().bytes());
            int next = taken.nextSetBit(at);
            if (next >= 0 && next < at + b.dtype().bytes()) {
                return true;
            }
        }
        return false;
    }

    private static boolean meet(View a, View b) {
        return address(a) < address(b) + extent(b) && address(b) < address(a) + extent(a);
    }

    /// True when walking the dims from the smallest stride up, a stride steps back over elements already covered.
    private static boolean repeats(View v) {
        int[] order = IntStream.range(0, v.rank())
                .filter(i -> v.dim(i) > 1)
                .boxed()
                .sorted((i, j) -> Integer.compare(v.stride(i), v.stride(j)))
                .mapToInt(Integer::intValue)
                .toArray();
        long covered = 1;
        for (int i : order) {
            if (v.stride(i) < covered) {
                return true;
            }
            covered += (v.dim(i) - 1L) * v.stride(i);
        }
        return false;
    }

    private static long address(View v) {
        return v.segment().address() + v.offset();
    }

    private static long extent(View v) {
        long last = 0;
        for (int i = 0; i < v.rank(); i++) {
            last += (v.dim(i) - 1L) * v.stride(i);
        }
        return (last + 1) * v.dtype().bytes();
    }

    /// The sizes as text, `[2, 3]`.
    public static String shape(View v) {
        return Arrays.toString(v.dims());
    }

    /// True when all are of integer type (I64, I32, U8, BOOL).
    public static boolean integers(List<View> views) {
        return views.stream().noneMatch(v -> v.dtype().isFloating());
    }
}
