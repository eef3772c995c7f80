package dev.gatun.kernels.codegen;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.memory.OffHeap;
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
    static final ClassDesc LONGS = ClassDesc.of(PACKAGE, "LongVector");
    static final ClassDesc INTS = ClassDesc.of(PACKAGE, "IntVector");
    static final ClassDesc SEGMENT = ClassDesc.of(MemorySegment.class.getName());
    static final ClassDesc OFF_HEAP = ClassDesc.of(OffHeap.class.getName());
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

    /// `IntVector` or `LongVector`, of as many bits per element.
    ClassDesc integers() {
        return dtype == DType.F32 ? INTS : LONGS;
    }

    /// `float` or `double`.
    public ClassDesc element() {
        return dtype == DType.F32 ? ConstantDescs.CD_float : ConstantDescs.CD_double;
    }

    /// `…, segment → …, segment` that C2 knows to lie outside the heap.
    static CodeBuilder offHeap(CodeBuilder code) {
        return code.invokestatic(OFF_HEAP, "of", MethodTypeDesc.of(SEGMENT, SEGMENT));
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

    /// `…, species, array, int index → …, vector`.
    CodeBuilder fromArray(CodeBuilder code) {
        return code.invokestatic(vector(), "fromArray",
                MethodTypeDesc.of(vector(), SPECIES, element().arrayType(), ConstantDescs.CD_int));
    }

    /// The type of `intoArray`.
    MethodTypeDesc intoArray() {
        return MethodTypeDesc.of(ConstantDescs.CD_void, element().arrayType(), ConstantDescs.CD_int);
    }

    /// `… → …, mask` of the first lanes, as many as the int that `count` pushes. Not by the species' `indexInRange`: that has
    /// four cases, which all stay in a kernel once the process has seen them (docs/kernels-jit.md).
    CodeBuilder firstLanes(CodeBuilder code, Runnable count) {
        species(code).invokestatic(vector(), "zero", MethodTypeDesc.of(vector(), SPECIES)).iconst_1();
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

    /// `…, x, y → …, x·y`.
    CodeBuilder multiply(CodeBuilder code) {
        return code.invokevirtual(vector(), "mul", MethodTypeDesc.of(vector(), VECTOR));
    }

    /// `…, x, y, z → …, x·y + z`.
    CodeBuilder fma(CodeBuilder code) {
        return code.invokevirtual(vector(), "fma", MethodTypeDesc.of(vector(), VECTOR, VECTOR));
    }

    /// `…, species, element → …, vector` of a class that C2 does not know, for loops with so many multiply-adds that binding
    /// all of them while it parses would take it over 18,000 nodes.
    CodeBuilder broadcastUnknown(CodeBuilder code) {
        return code.invokestatic(vector(), "broadcast", MethodTypeDesc.of(vector(), SPECIES, element()));
    }

    /// `…, vector → …, vector` of the species' own class, which C2 does not know of what is loaded, reinterpreted or comes
    /// out of a loop. Knowing it, C2 binds what is called on the vector while it parses; else that is left for later, in an
    /// order which depends on the process, and what is never tried again boxes its vectors (docs/kernels-jit.md). Weighs on
    /// C1 as much as an access, so it is only for what something is called on.
    CodeBuilder exact(CodeBuilder code) {
        return exact(code, vector());
    }

    /// The same for vectors of another element type.
    CodeBuilder exact(CodeBuilder code, ClassDesc vectors) {
        code.getstatic(vectors, "SPECIES_" + bits, SPECIES);
        // Class.cast is known to C2.
        code.invokeinterface(SPECIES, "vectorType", MethodTypeDesc.of(ConstantDescs.CD_Class)).swap();
        return code.invokevirtual(ConstantDescs.CD_Class, "cast",
                MethodTypeDesc.of(ConstantDescs.CD_Object, ConstantDescs.CD_Object)).checkcast(vectors);
    }
}
