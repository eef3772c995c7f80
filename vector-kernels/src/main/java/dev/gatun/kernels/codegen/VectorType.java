package dev.gatun.kernels.codegen;

import dev.gatun.kernels.DType;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The vectors that generated code works on: element type and width. Species are named by their static final fields of
/// the JDK, which C2 treats as constants.
///
/// @param dtype F32 or F64
/// @param bits 128, 256 or 512
public record VectorType(DType dtype, int bits) {
    static final String PACKAGE = "jdk.incubator.vector";
    static final ClassDesc VECTOR = ClassDesc.of(PACKAGE, "Vector");
    static final ClassDesc MASK = ClassDesc.of(PACKAGE, "VectorMask");
    static final ClassDesc SPECIES = ClassDesc.of(PACKAGE, "VectorSpecies");
    static final ClassDesc OPERATORS = ClassDesc.of(PACKAGE, "VectorOperators");
    static final ClassDesc COMPARISON = OPERATORS.nested("Comparison");
    static final ClassDesc FLOATS = ClassDesc.of(PACKAGE, "FloatVector");
    static final ClassDesc DOUBLES = ClassDesc.of(PACKAGE, "DoubleVector");
    static final ClassDesc INTS = ClassDesc.of(PACKAGE, "IntVector");
    static final ClassDesc SEGMENT = ClassDesc.of(MemorySegment.class.getName());
    static final ClassDesc ORDER = ClassDesc.of(ByteOrder.class.getName());
    static final ClassDesc LAYOUT = ClassDesc.of(ValueLayout.class.getName());

    /// Checks the pair.
    public VectorType {
        if (!dtype.isFloating() || (bits != 128 && bits != 256 && bits != 512)) {
            throw new IllegalArgumentException(
                    "vector type: F32 or F64 of 128, 256 or 512 bits: " + dtype + ", " + bits);
        }
    }

    /// Elements of one vector.
    public int lanes() {
        return bits / 8 / dtype.bytes();
    }

    /// True with 32 vector registers, as AVX-512 and AArch64 have; narrower vectors of x86 are taken to have 16.
    public boolean manyRegisters() {
        return bits == 512 || System.getProperty("os.arch", "").equals("aarch64");
    }

    /// Bytes of one vector.
    public int bytes() {
        return bits / 8;
    }

    /// `FloatVector` or `DoubleVector`.
    public ClassDesc vector() {
        return dtype == DType.F32 ? FLOATS : DOUBLES;
    }

    /// `float` or `double`.
    public ClassDesc element() {
        return dtype == DType.F32 ? ConstantDescs.CD_float : ConstantDescs.CD_double;
    }

    /// Pushes the species.
    public CodeBuilder species(CodeBuilder code) {
        return code.getstatic(vector(), "SPECIES_" + bits, SPECIES);
    }

    /// Pushes the native byte order.
    public static CodeBuilder order(CodeBuilder code) {
        String field = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "LITTLE_ENDIAN" : "BIG_ENDIAN";
        return code.getstatic(ORDER, field, ORDER);
    }

    /// `…, segment, long offset → …, vector`. The species has to lie below them: call [#species] first.
    public CodeBuilder load(CodeBuilder code) {
        order(code);
        return code.invokestatic(
                vector(), "fromMemorySegment",
                MethodTypeDesc.of(vector(), SPECIES, SEGMENT, ConstantDescs.CD_long, ORDER));
    }

    /// `…, species, segment, long offset → …, vector`, lanes outside the mask in local `mask` are 0 and not touched.
    public CodeBuilder loadMasked(CodeBuilder code, int mask) {
        order(code).aload(mask);
        return code.invokestatic(
                vector(), "fromMemorySegment",
                MethodTypeDesc.of(vector(), SPECIES, SEGMENT, ConstantDescs.CD_long, ORDER, MASK));
    }

    /// `…, vector, segment, long offset → …`.
    public CodeBuilder store(CodeBuilder code) {
        order(code);
        return code.invokevirtual(
                vector(), "intoMemorySegment",
                MethodTypeDesc.of(ConstantDescs.CD_void, SEGMENT, ConstantDescs.CD_long, ORDER));
    }

    /// `…, vector, segment, long offset → …`, only the lanes of the mask in local `mask`.
    public CodeBuilder storeMasked(CodeBuilder code, int mask) {
        order(code).aload(mask);
        return code.invokevirtual(
                vector(), "intoMemorySegment",
                MethodTypeDesc.of(ConstantDescs.CD_void, SEGMENT, ConstantDescs.CD_long, ORDER, MASK));
    }

    /// `…, species, segment, long offset → …, vector` with the element at the offset in every lane.
    public CodeBuilder loadBroadcast(CodeBuilder code) {
        // The layout goes below the offset: segment, offset → segment, layout, offset.
        int at = code.allocateLocal(java.lang.classfile.TypeKind.LONG);
        code.lstore(at);
        String name = dtype == DType.F32 ? "OfFloat" : "OfDouble";
        ClassDesc layout = LAYOUT.nested(name);
        code.getstatic(LAYOUT, dtype == DType.F32 ? "JAVA_FLOAT" : "JAVA_DOUBLE", layout).lload(at);
        code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(element(), layout, ConstantDescs.CD_long));
        return broadcast(code);
    }

    /// The type of `fromArray`.
    MethodTypeDesc fromArray() {
        return MethodTypeDesc.of(vector(), SPECIES, element().arrayType(), ConstantDescs.CD_int);
    }

    /// The type of `intoArray`.
    MethodTypeDesc intoArray() {
        return MethodTypeDesc.of(ConstantDescs.CD_void, element().arrayType(), ConstantDescs.CD_int);
    }

    /// `… → …, mask` of the first lanes, as many as the int that `count` pushes. Not by the species' `indexInRange`: that has
    /// four cases, which all stay in a kernel once the process has seen them (docs/kernels-jit.md).
    CodeBuilder firstLanes(CodeBuilder code, Runnable count) {
        zero(code).iconst_1();
        code.invokevirtual(vector(), "addIndex", MethodTypeDesc.of(vector(), ConstantDescs.CD_int));
        code.getstatic(OPERATORS, "LT", COMPARISON);
        count.run();
        if (dtype == DType.F32) {
            code.i2f();
        } else {
            code.i2d();
        }
        return code.invokevirtual(vector(), "compare", MethodTypeDesc.of(MASK, COMPARISON, element()));
    }

    /// `… → …, vector` of zeros.
    CodeBuilder zero(CodeBuilder code) {
        return species(code).invokestatic(vector(), "zero", MethodTypeDesc.of(vector(), SPECIES));
    }

    /// `…, x, y → …, x·y`.
    CodeBuilder multiply(CodeBuilder code) {
        return code.invokevirtual(vector(), "mul", MethodTypeDesc.of(vector(), VECTOR));
    }

    /// `…, x, y, z → …, x·y + z`.
    CodeBuilder fma(CodeBuilder code) {
        return code.invokevirtual(vector(), "fma", MethodTypeDesc.of(vector(), VECTOR, VECTOR));
    }

    /// `…, species, element → …, vector`.
    public CodeBuilder broadcast(CodeBuilder code) {
        return code.invokestatic(vector(), "broadcast", MethodTypeDesc.of(vector(), SPECIES, element()));
    }
}
