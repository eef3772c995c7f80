package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;

/// Moves the elements of a vector that is partly outside its matrix between memory and the array of a [Tile], one by one.
/// Called by generated code in place of masked accesses: where the vector ends behind its segment, the JDK tests the mask
/// against it, with masks that C2 left in memory in one process of some forty, 32 bytes in every run.
final class Tails {
    private static final ClassDesc SELF = ClassDesc.of(Tails.class.getName());

    private Tails() {}

    /// Writes a call of `get`: `…, segment, long offset, array, int at, int count → …`.
    static void get(CodeBuilder code, VectorType type) {
        code.loadConstant(type.lanes()).invokestatic(SELF, "get", MethodTypeDesc.of(
                CD_void, VectorType.SEGMENT, CD_long, type.element().arrayType(), CD_int, CD_int, CD_int));
    }

    /// Writes a call of `put`: `…, array, int at, int count, segment, long offset → …`.
    static void put(CodeBuilder code, VectorType type) {
        code.invokestatic(SELF, "put", MethodTypeDesc.of(
                CD_void, type.element().arrayType(), CD_int, CD_int, VectorType.SEGMENT, CD_long));
    }

    /// `to[at … at + count − 1]` from memory, the rest of the `lanes` zero.
    static void get(MemorySegment from, long offset, float[] to, int at, int count, int lanes) {
        from = OffHeap.of(from);
        for (int i = 0; i < count; i++) {
            to[at + i] = from.get(JAVA_FLOAT_UNALIGNED, offset + 4L * i);
        }
        for (int i = count; i < lanes; i++) {
            to[at + i] = 0;
        }
    }

    /// The same for F64.
    static void get(MemorySegment from, long offset, double[] to, int at, int count, int lanes) {
        from = OffHeap.of(from);
        for (int i = 0; i < count; i++) {
            to[at + i] = from.get(JAVA_DOUBLE_UNALIGNED, offset + 8L * i);
        }
        for (int i = count; i < lanes; i++) {
            to[at + i] = 0;
        }
    }

    /// `from[at … at + count − 1]` to memory.
    static void put(float[] from, int at, int count, MemorySegment to, long offset) {
        to = OffHeap.of(to);
        for (int i = 0; i < count; i++) {
            to.set(JAVA_FLOAT_UNALIGNED, offset + 4L * i, from[at + i]);
        }
    }

    /// The same for F64.
    static void put(double[] from, int at, int count, MemorySegment to, long offset) {
        to = OffHeap.of(to);
        for (int i = 0; i < count; i++) {
            to.set(JAVA_DOUBLE_UNALIGNED, offset + 8L * i, from[at + i]);
        }
    }
}
