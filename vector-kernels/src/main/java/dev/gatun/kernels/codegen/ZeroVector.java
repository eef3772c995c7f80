package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import dev.gatun.kernels.DType;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/// A vector of zeros in a local of generated code, on which broadcasts are called. C2 sees a constant object, binds the call
/// while it parses, and so knows the class of the result and of what is computed from it. C1 must not know it (as it would,
/// were it a static field): it would inline every operation, and run out of virtual registers.
final class ZeroVector {
    private final VectorType type;
    private final CodeBuilder code;
    private final int floats;
    private int integers = -1;

    /// Writes it, before any loop.
    ZeroVector(VectorType type, CodeBuilder code) {
        this.type = type;
        this.code = code;
        floats = local(type.vector());
    }

    VectorType type() {
        return type;
    }

    CodeBuilder code() {
        return code;
    }

    private int local(ClassDesc vectors) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.getstatic(vectors, "SPECIES_" + type.bits(), VectorType.SPECIES);
        code.invokestatic(vectors, "zero", MethodTypeDesc.of(vectors, VectorType.SPECIES)).astore(local);
        return local;
    }

    /// Writes one of integers as well, which [#integers] needs.
    void withIntegers() {
        if (integers < 0) {
            integers = local(type.integers());
        }
    }

    /// `… → …, vector` of zeros.
    CodeBuilder push() {
        return code.aload(floats);
    }

    /// `…, zeros, element → …, vector`.
    CodeBuilder broadcast() {
        return code.invokevirtual(type.vector(), "broadcast", MethodTypeDesc.of(type.vector(), type.element()));
    }

    /// `… → …, vector` of zeros in which a sum begins: made here, since a loop's vector that may be the constant was boxed in
    /// some processes.
    CodeBuilder sum() {
        push();
        if (type.dtype() == DType.F32) {
            code.fconst_0();
        } else {
            code.dconst_0();
        }
        return broadcast();
    }

    /// `… → …, vector` with the element at this place in every lane.
    CodeBuilder load(int segment, int offset) {
        push().aload(segment);
        boolean single = type.dtype() == DType.F32;
        ClassDesc layout = VectorType.LAYOUT.nested(single ? "OfFloat" : "OfDouble");
        code.getstatic(VectorType.LAYOUT, single ? "JAVA_FLOAT" : "JAVA_DOUBLE", layout).lload(offset);
        code.invokeinterface(VectorType.SEGMENT, "get", MethodTypeDesc.of(type.element(), layout, CD_long));
        return broadcast();
    }

    /// `… → …, vector` of as many integers of the same size.
    void integers(long value) {
        code.aload(integers);
        ClassDesc vectors = type.integers();
        if (type.dtype() == DType.F32) {
            code.loadConstant((int) value).invokevirtual(vectors, "broadcast", MethodTypeDesc.of(vectors, CD_int));
        } else {
            code.loadConstant(value).invokevirtual(vectors, "broadcast", MethodTypeDesc.of(vectors, CD_long));
        }
    }
}
