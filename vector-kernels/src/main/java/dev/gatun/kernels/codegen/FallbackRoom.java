package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Locale;

/// Where generated code puts the lanes of a rare function.
///
/// @param array local of a `long[]`
/// @param first its first element to use, of [Fallback#ROOM]
record FallbackRoom(int array, int first) {
    private static final ClassDesc FALLBACKS = Fallback.class.describeConstable().orElseThrow();

    /// Leaves a vector on the stack: what `fast` pushes, and in the lanes that `mask` pushes the function of `x` and `y`.
    ///
    /// The lanes go through an array, and a vector is loaded again on the rare path too, so that the two paths meet with
    /// a vector each and C2 never has to box the usual one. The array is the caller's: one made here would be garbage in
    /// every step that has a rare lane.
    void write(
            CodeBuilder code, VectorType type, Fallback function, Runnable fast, Runnable x, Runnable y,
            Runnable mask) {
        ClassDesc floats = type.vector();
        ClassDesc longs = VectorType.LONGS;
        ClassDesc elements = CD_long.arrayType();
        int half = type.lanes() / 2;
        int result = code.allocateLocal(TypeKind.REFERENCE);
        Label done = code.newLabel();
        fast.run();
        code.astore(result);
        mask.run();
        code.invokevirtual(VectorType.MASK, "anyTrue", MethodTypeDesc.of(CD_boolean)).ifeq(done);
        for (int i = 0; i < 2; i++) {
            (i == 0 ? x : y).run();
            code.invokevirtual(VectorType.VECTOR, "reinterpretAsLongs", MethodTypeDesc.of(longs));
            code.aload(array).loadConstant(first + i * half);
            code.invokevirtual(longs, "intoArray", MethodTypeDesc.of(CD_void, elements, CD_int));
        }
        code.aload(array).loadConstant(first).loadConstant(half);
        code.invokestatic(FALLBACKS, function.name().toLowerCase(Locale.ROOT),
                MethodTypeDesc.of(CD_void, elements, CD_int, CD_int));
        code.aload(result);
        code.getstatic(longs, "SPECIES_" + type.bits(), VectorType.SPECIES).aload(array).loadConstant(first);
        code.invokestatic(longs, "fromArray", MethodTypeDesc.of(longs, VectorType.SPECIES, elements, CD_int));
        code.invokevirtual(VectorType.VECTOR, "reinterpretAsFloats", MethodTypeDesc.of(floats));
        mask.run();
        code.invokevirtual(floats, "blend", MethodTypeDesc.of(floats, VectorType.VECTOR, VectorType.MASK));
        code.astore(result);
        code.labelBinding(done).aload(result);
    }
}
