package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.gatun.kernels.DType;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;

/// Puts the fields of the [Tile] in local 1 into locals of their own.
final class TileCode {
    private static final int TILE = 1;

    private final CodeBuilder code;

    TileCode(CodeBuilder code) {
        this.code = code;
    }

    int segment(String field) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.aload(TILE).getfield(MicroKernels.TILE, field, VectorType.SEGMENT);
        VectorType.offHeap(code).astore(local);
        return local;
    }

    int offset(String field) {
        return into(field, CD_long, TypeKind.LONG);
    }

    int number(String field) {
        return into(field, CD_int, TypeKind.INT);
    }

    int numbers(String field) {
        return into(field, CD_int.arrayType(), TypeKind.REFERENCE);
    }

    int buffer(VectorType type) {
        return into(type.dtype() == DType.F32 ? "a32" : "a64", bufferClass(type), TypeKind.REFERENCE);
    }

    int held(VectorType type) {
        return into(type.dtype() == DType.F32 ? "held32" : "held64", type.element().arrayType(), TypeKind.REFERENCE);
    }

    int copiedRows(VectorType type) {
        return into(type.dtype() == DType.F32 ? "rows32" : "rows64", type.element().arrayType(), TypeKind.REFERENCE);
    }

    /// A local with the array to which the tile copies its first `count` weights.
    int heldWeights(VectorType type, int count) {
        code.aload(TILE).loadConstant(count);
        code.invokevirtual(MicroKernels.TILE, "holdWeights", MethodTypeDesc.of(CD_void, CD_int));
        return copiedRows(type);
    }

    /// So many new locals.
    static int[] locals(CodeBuilder code, int count, TypeKind kind) {
        int[] locals = new int[count];
        Arrays.setAll(locals, _ -> code.allocateLocal(kind));
        return locals;
    }

    static ClassDesc bufferClass(VectorType type) {
        return ClassDesc.of("java.nio", type.dtype() == DType.F32 ? "FloatBuffer" : "DoubleBuffer");
    }

    /// One of the segments in an array field.
    int segment(String field, int index) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.aload(TILE).getfield(MicroKernels.TILE, field, VectorType.SEGMENT.arrayType());
        VectorType.offHeap(code.loadConstant(index).aaload()).astore(local);
        return local;
    }

    /// One of the longs in an array field.
    int offset(String field, int index) {
        int local = code.allocateLocal(TypeKind.LONG);
        code.aload(TILE).getfield(MicroKernels.TILE, field, CD_long.arrayType());
        code.loadConstant(index).laload().lstore(local);
        return local;
    }

    /// The mask of the first `tail` lanes.
    int mask(VectorType type) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        type.firstLanes(code, () -> code.aload(TILE).getfield(MicroKernels.TILE, "tail", CD_int)).astore(local);
        return local;
    }

    private int into(String field, ClassDesc type, TypeKind kind) {
        int local = code.allocateLocal(kind);
        code.aload(TILE).getfield(MicroKernels.TILE, field, type).storeLocal(kind, local);
        return local;
    }

    /// Pushes the long in `local` plus a constant.
    static void at(CodeBuilder code, int local, long plus) {
        code.lload(local);
        if (plus != 0) {
            code.loadConstant(plus).ladd();
        }
    }

    /// Pushes the layout of one element: the unaligned one, because the other checks the alignment of every element.
    static void layout(CodeBuilder code, VectorType type) {
        boolean single = type.dtype() == DType.F32;
        code.getstatic(
                VectorType.LAYOUT, single ? "JAVA_FLOAT_UNALIGNED" : "JAVA_DOUBLE_UNALIGNED", layoutClass(type));
    }

    /// `…, segment, layout, long offset → …, element`.
    static CodeBuilder element(CodeBuilder code, VectorType type) {
        return code.invokeinterface(
                VectorType.SEGMENT, "get", MethodTypeDesc.of(type.element(), layoutClass(type), CD_long));
    }

    private static ClassDesc layoutClass(VectorType type) {
        return VectorType.LAYOUT.nested(type.dtype() == DType.F32 ? "OfFloat" : "OfDouble");
    }
}
