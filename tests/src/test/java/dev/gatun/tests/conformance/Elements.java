package dev.gatun.tests.conformance;

import dev.gatun.kernels.View;
import java.util.function.LongConsumer;

/// The elements of a view in row-major order, by plain recursion: the kit must not lean on the kernels' own iteration.
final class Elements {
    private Elements() {
    }

    static void forEach(View v, LongConsumer action) {
        visit(v, 0, 0, action);
    }

    private static void visit(View v, int dim, long at, LongConsumer action) {
        if (dim == v.rank()) {
            action.accept(at);
            return;
        }
        for (int i = 0; i < v.dim(dim); i++) {
            visit(v, dim + 1, at + (long) i * v.stride(dim), action);
        }
    }

    static double[] values(View v) {
        double[] values = new double[v.count()];
        int[] i = {0};
        forEach(v, at -> values[i[0]++] = v.getDouble(at));
        return values;
    }

    /// Raw bits of every element, for comparisons that must not forgive.
    static long[] bits(View v) {
        long[] bits = new long[v.count()];
        int[] i = {0};
        forEach(v, at -> bits[i[0]++] = switch (v.dtype()) {
            case F32, I32 -> v.segment().get(java.lang.foreign.ValueLayout.JAVA_INT, v.offset() + at * 4);
            case F64, I64 -> v.segment().get(java.lang.foreign.ValueLayout.JAVA_LONG, v.offset() + at * 8);
            case U8, BOOL -> v.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, v.offset() + at);
        });
        return bits;
    }
}
