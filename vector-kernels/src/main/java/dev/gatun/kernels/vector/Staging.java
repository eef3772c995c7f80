package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;

/// Maths: copies with conversion between an operand and a contiguous block of the compute type.
/// Layout: `n` elements of one stride (in elements) on the operand's side.
/// Blocking: none here; blocks are small enough for L1.
/// Registers: scalar loops, one per pair of types, so that each has its own profile.
/// Evidence: VectorPointwiseTest.
final class Staging {
    private Staging() {}

    /// Reads `n` elements from byte `from` on into `to` at byte `at`, converted to `compute` (F32, F64 or I64).
    static void load(
            MemorySegment source, long from, int stride, DType type, MemorySegment to, long at, DType compute, int n) {
        if (stride == 1 && type == compute) {
            MemorySegment.copy(source, from, to, at, (long) n * type.bytes());
            return;
        }
        switch (compute) {
            case F32 -> {
                switch (type) {
                    case F32 -> floats(source, from, stride, to, at, n);
                    case F64 -> throw new IllegalStateException("an F64 operand makes the arithmetic F64");
                    case I64 -> longsToFloats(source, from, stride, to, at, n);
                    case I32 -> intsToFloats(source, from, stride, to, at, n);
                    case U8, BOOL -> bytesToFloats(source, from, stride, to, at, n);
                }
            }
            case F64 -> {
                switch (type) {
                    case F32 -> floatsToDoubles(source, from, stride, to, at, n);
                    case F64 -> words(source, from, stride, to, at, n);
                    case I64 -> longsToDoubles(source, from, stride, to, at, n);
                    case I32 -> intsToDoubles(source, from, stride, to, at, n);
                    case U8, BOOL -> bytesToDoubles(source, from, stride, to, at, n);
                }
            }
            case I64 -> {
                switch (type) {
                    case I64 -> words(source, from, stride, to, at, n);
                    case I32 -> intsToLongs(source, from, stride, to, at, n);
                    case U8, BOOL -> bytesToLongs(source, from, stride, to, at, n);
                    case F32, F64 -> throw new IllegalStateException("a float operand makes the arithmetic float");
                }
            }
            case I32, U8, BOOL -> throw new IllegalStateException("not a compute type: " + compute);
        }
    }

    private static void floats(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        long step = stride * 4L;
        for (int i = 0; i < n; i++) {
            t.set(JAVA_FLOAT, at + i * 4L, s.get(JAVA_FLOAT, from + i * step));
        }
    }

    private static void longsToFloats(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        long step = stride * 8L;
        for (int i = 0; i < n; i++) {
            t.set(JAVA_FLOAT, at + i * 4L, (float) s.get(JAVA_LONG, from + i * step));
        }
    }

    private static void intsToFloats(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        long step = stride * 4L;
        for (int i = 0; i < n; i++) {
            t.set(JAVA_FLOAT, at + i * 4L, (float) s.get(JAVA_INT, from + i * step));
        }
    }

    private static void bytesToFloats(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        for (int i = 0; i < n; i++) {
            t.set(JAVA_FLOAT, at + i * 4L, (float) (s.get(JAVA_BYTE, from + i * (long) stride) & 0xFF));
        }
    }

    private static void words(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        long step = stride * 8L;
        for (int i = 0; i < n; i++) {
            t.set(JAVA_LONG, at + i * 8L, s.get(JAVA_LONG, from + i * step));
        }
    }

    private static void floatsToDoubles(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        long step = stride * 4L;
        for (int i = 0; i < n; i++) {
            t.set(JAVA_DOUBLE, at + i * 8L, s.get(JAVA_FLOAT, from + i * step));
        }
    }

    private static void longsToDoubles(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        long step = stride * 8L;
        for (int i = 0; i < n; i++) {
            t.set(JAVA_DOUBLE, at + i * 8L, (double) s.get(JAVA_LONG, from + i * step));
        }
    }

    private static void intsToDoubles(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        long step = stride * 4L;
        for (int i = 0; i < n; i++) {
            t.set(JAVA_DOUBLE, at + i * 8L, s.get(JAVA_INT, from + i * step));
        }
    }

    private static void bytesToDoubles(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        for (int i = 0; i < n; i++) {
            t.set(JAVA_DOUBLE, at + i * 8L, s.get(JAVA_BYTE, from + i * (long) stride) & 0xFF);
        }
    }

    private static void intsToLongs(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        long step = stride * 4L;
        for (int i = 0; i < n; i++) {
            t.set(JAVA_LONG, at + i * 8L, s.get(JAVA_INT, from + i * step));
        }
    }

    private static void bytesToLongs(MemorySegment s, long from, int stride, MemorySegment t, long at, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        for (int i = 0; i < n; i++) {
            t.set(JAVA_LONG, at + i * 8L, s.get(JAVA_BYTE, from + i * (long) stride) & 0xFF);
        }
    }

    /// Writes `n` elements of `compute` from `source` at byte `at` to byte `to` on, converted to `type`: BOOL is "not
    /// zero", integers are truncated and saturate.
    static void store(
            MemorySegment source, long at, DType compute, MemorySegment target, long to, int stride, DType type,
            int n) {
        if (stride == 1 && type == compute) {
            MemorySegment.copy(source, at, target, to, (long) n * type.bytes());
            return;
        }
        long step = (long) stride * type.bytes();
        switch (compute) {
            case F32 -> storeFloats(source, at, target, to, step, type, n);
            case F64 -> storeDoubles(source, at, target, to, step, type, n);
            case I64 -> storeLongs(source, at, target, to, step, type, n);
            case I32, U8, BOOL -> throw new IllegalStateException("not a compute type: " + compute);
        }
    }

    private static void storeFloats(
            MemorySegment s, long at, MemorySegment t, long to, long step, DType type, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        switch (type) {
            case F32 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_FLOAT, to + i * step, s.get(JAVA_FLOAT, at + i * 4L));
                }
            }
            case I64 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_LONG, to + i * step, (long) s.get(JAVA_FLOAT, at + i * 4L));
                }
            }
            case I32 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_INT, to + i * step, (int) s.get(JAVA_FLOAT, at + i * 4L));
                }
            }
            case U8 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_BYTE, to + i * step, (byte) clamp((int) s.get(JAVA_FLOAT, at + i * 4L)));
                }
            }
            case BOOL -> storeFloatTruth(s, at, t, to, step, n);
            case F64 -> throw new IllegalStateException("an F64 operand makes the arithmetic F64");
        }
    }

    private static void storeFloatTruth(MemorySegment s, long at, MemorySegment t, long to, long step, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        for (int i = 0; i < n; i++) {
            t.set(JAVA_BYTE, to + i * step, s.get(JAVA_FLOAT, at + i * 4L) != 0 ? (byte) 1 : 0);
        }
    }

    private static void storeDoubles(
            MemorySegment s, long at, MemorySegment t, long to, long step, DType type, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        switch (type) {
            case F32 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_FLOAT, to + i * step, (float) s.get(JAVA_DOUBLE, at + i * 8L));
                }
            }
            case F64 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_DOUBLE, to + i * step, s.get(JAVA_DOUBLE, at + i * 8L));
                }
            }
            case I64 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_LONG, to + i * step, (long) s.get(JAVA_DOUBLE, at + i * 8L));
                }
            }
            case I32 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_INT, to + i * step, (int) s.get(JAVA_DOUBLE, at + i * 8L));
                }
            }
            case U8 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_BYTE, to + i * step, (byte) clamp((int) s.get(JAVA_DOUBLE, at + i * 8L)));
                }
            }
            case BOOL -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_BYTE, to + i * step, s.get(JAVA_DOUBLE, at + i * 8L) != 0 ? (byte) 1 : 0);
                }
            }
        }
    }

    private static void storeLongs(
            MemorySegment s, long at, MemorySegment t, long to, long step, DType type, int n) {
        s = OffHeap.of(s);
        t = OffHeap.of(t);
        switch (type) {
            case I64 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_LONG, to + i * step, s.get(JAVA_LONG, at + i * 8L));
                }
            }
            case I32 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_INT, to + i * step, Math.clamp(
                            s.get(JAVA_LONG, at + i * 8L), Integer.MIN_VALUE, Integer.MAX_VALUE));
                }
            }
            case U8 -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_BYTE, to + i * step, (byte) Math.clamp(s.get(JAVA_LONG, at + i * 8L), 0, 255));
                }
            }
            case BOOL -> {
                for (int i = 0; i < n; i++) {
                    t.set(JAVA_BYTE, to + i * step, s.get(JAVA_LONG, at + i * 8L) != 0 ? (byte) 1 : 0);
                }
            }
            case F32, F64 -> throw new IllegalStateException("a float operand makes the arithmetic float");
        }
    }

    private static int clamp(int x) {
        return Math.max(0, Math.min(255, x));
    }
}
