package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.codegen.Program.Code;
import dev.gatun.kernels.codegen.Program.Op;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Locale;

/// Writes a [Program] into a method that is being generated: [#constants] once, before any loop, then [#body] as often
/// as wanted (once per accumulator of an epilogue). Values live in locals, one per operation, taken again by the next
/// body.
///
/// ```java
/// var emitter = new ProgramEmitter(program, type, code);
/// emitter.constants();
/// // loop:
/// emitter.body(input -> { … leave the vector of this input on the stack … });
/// code.aload(emitter.result(0));
/// ```
public final class ProgramEmitter {
    private static final ClassDesc FALLBACKS = Fallback.class.describeConstable().orElseThrow();
    private static final ClassDesc UNARY = VectorType.OPERATORS.nested("Unary");
    private static final ClassDesc BINARY = VectorType.OPERATORS.nested("Binary");
    private static final ClassDesc ASSOCIATIVE = VectorType.OPERATORS.nested("Associative");
    private static final ClassDesc COMPARISON = VectorType.OPERATORS.nested("Comparison");

    private final Program program;
    private final VectorType type;
    private final CodeBuilder code;
    private final ClassDesc floats;
    private final ClassDesc integers;
    private final int[] locals;
    private int room = -1;
    private int firstRoom;

    /// Leaves the vector of an input on the operand stack.
    public interface Load {
        /// Pushes the vector of input number `input`.
        void push(int input);
    }

    /// For one method body.
    public ProgramEmitter(Program program, VectorType type, CodeBuilder code) {
        this.program = program;
        this.type = type;
        this.code = code;
        floats = type.vector();
        integers = type.dtype() == DType.F32 ? VectorType.INTS : ClassDesc.of(VectorType.PACKAGE, "LongVector");
        locals = new int[program.ops().size()];
        for (int i = 0; i < locals.length; i++) {
            locals[i] = code.allocateLocal(TypeKind.REFERENCE);
        }
    }

    /// Where the lanes of rare functions go: [Fallback#ROOM] elements of the `long[]` in local `array`, from `first` on.
    void room(int array, int first) {
        room = array;
        firstRoom = first;
    }

    /// Puts the constants that are outputs into their locals.
    public void constants() {
        for (int output : program.outputs()) {
            if (isConstant(program.ops().get(output))) {
                broadcast(program.ops().get(output));
                code.astore(locals[output]);
            }
        }
    }

    private static boolean isConstant(Op op) {
        return op.code() == Code.CONSTANT || op.code() == Code.INTEGER;
    }

    /// Leaves a constant on the stack. Written at each use and not held in a local: C2 merges equal ones and takes them out
    /// of the loop by itself, while a vector in a local that lives across a loop was boxed once per call.
    private void broadcast(Op op) {
        boolean single = type.dtype() == DType.F32;
        if (op.code() == Code.CONSTANT) {
            type.species(code);
            double value = Double.longBitsToDouble(op.immediate());
            if (single) {
                code.loadConstant((float) value);
            } else {
                code.loadConstant(value);
            }
            type.broadcast(code);
        } else {
            integerSpecies();
            if (single) {
                code.loadConstant((int) op.immediate());
            } else {
                code.loadConstant(op.immediate());
            }
            ClassDesc element = single ? CD_int : CD_long;
            code.invokestatic(integers, "broadcast", MethodTypeDesc.of(integers, VectorType.SPECIES, element));
        }
    }

    /// Computes all outputs; see [#result].
    public void body(Load load) {
        for (int i = 0; i < locals.length; i++) {
            Op op = program.ops().get(i);
            if (!isConstant(op)) {
                push(op, load);
                code.astore(locals[i]);
            }
        }
    }

    /// The local that holds output `index` after [#body].
    public int result(int index) {
        return locals[program.outputs().get(index)];
    }

    private void push(Op op, Load load) {
        switch (op.code()) {
            case INPUT -> load.push((int) op.immediate());
            case CONSTANT, INTEGER -> throw new IllegalStateException("constants are written before the body");
            case ADD, SUB, MUL, DIV, MAX, MIN -> {
                operands(op.a(), op.b());
                code.invokevirtual(
                        floats, op.code().name().toLowerCase(Locale.ROOT),
                        MethodTypeDesc.of(floats, VectorType.VECTOR));
            }
            case FMA -> {
                operands(op.a(), op.b(), op.c());
                code.invokevirtual(
                        floats, "fma", MethodTypeDesc.of(floats, VectorType.VECTOR, VectorType.VECTOR));
            }
            case NEG, ABS, SQRT -> {
                operands(op.a());
                code.getstatic(VectorType.OPERATORS, op.code().name(), UNARY);
                code.invokevirtual(floats, "lanewise", MethodTypeDesc.of(floats, UNARY));
            }
            case BLEND -> {
                operands(op.a(), op.b(), op.c());
                code.invokevirtual(
                        floats, "blend", MethodTypeDesc.of(floats, VectorType.VECTOR, VectorType.MASK));
            }
            case AS_FLOAT -> {
                operands(op.a());
                String name = type.dtype() == DType.F32 ? "reinterpretAsFloats" : "reinterpretAsDoubles";
                code.invokevirtual(VectorType.VECTOR, name, MethodTypeDesc.of(floats));
            }
            case AS_INTEGER -> {
                operands(op.a());
                String name = type.dtype() == DType.F32 ? "reinterpretAsInts" : "reinterpretAsLongs";
                code.invokevirtual(VectorType.VECTOR, name, MethodTypeDesc.of(integers));
            }
            case IADD, ISUB, IAND, IOR, IXOR -> integer(op);
            case SHL, SHR -> {
                operands(op.a());
                code.getstatic(VectorType.OPERATORS, op.code() == Code.SHL ? "LSHL" : "ASHR", BINARY);
                code.loadConstant(op.immediate());
                code.invokevirtual(integers, "lanewise", MethodTypeDesc.of(integers, BINARY, CD_long));
            }
            case LT, LE, GT, GE, EQ, NE -> compare(floats, op);
            case IEQ -> {
                compare(integers, op);
                type.species(code);
                code.invokevirtual(VectorType.MASK, "cast", MethodTypeDesc.of(VectorType.MASK, VectorType.SPECIES));
            }
            case MAND, MOR -> {
                operands(op.a(), op.b());
                code.invokevirtual(
                        VectorType.MASK, op.code() == Code.MAND ? "and" : "or",
                        MethodTypeDesc.of(VectorType.MASK, VectorType.MASK));
            }
            case MNOT -> {
                operands(op.a());
                code.invokevirtual(VectorType.MASK, "not", MethodTypeDesc.of(VectorType.MASK));
            }
            case FALLBACK -> fallback(op);
        }
    }

    private void operands(int... values) {
        for (int v : values) {
            Op op = program.ops().get(v);
            if (isConstant(op)) {
                broadcast(op);
            } else {
                code.aload(locals[v]);
            }
        }
    }

    private void integerSpecies() {
        code.getstatic(integers, "SPECIES_" + type.bits(), VectorType.SPECIES);
    }

    private void integer(Op op) {
        operands(op.a(), op.b());
        switch (op.code()) {
            case IADD -> code.invokevirtual(integers, "add", MethodTypeDesc.of(integers, VectorType.VECTOR));
            case ISUB -> code.invokevirtual(integers, "sub", MethodTypeDesc.of(integers, VectorType.VECTOR));
            case IAND -> code.invokevirtual(integers, "and", MethodTypeDesc.of(integers, VectorType.VECTOR));
            case IOR -> code.invokevirtual(integers, "or", MethodTypeDesc.of(integers, VectorType.VECTOR));
            default -> {
                int right = code.allocateLocal(TypeKind.REFERENCE);
                code.astore(right);
                code.getstatic(VectorType.OPERATORS, "XOR", ASSOCIATIVE).aload(right);
                code.invokevirtual(integers, "lanewise", MethodTypeDesc.of(integers, BINARY, VectorType.VECTOR));
            }
        }
    }

    private void compare(ClassDesc on, Op op) {
        operands(op.a());
        code.getstatic(VectorType.OPERATORS, op.code() == Code.IEQ ? "EQ" : op.code().name(), COMPARISON);
        operands(op.b());
        code.invokevirtual(on, "compare", MethodTypeDesc.of(VectorType.MASK, COMPARISON, VectorType.VECTOR));
    }

    /// The lanes go through an array, and a vector is loaded again on the rare path too, so that the two paths meet with
    /// a vector each and C2 never has to box the usual one. The array is the caller's: one made here would be garbage in
    /// every step that has a rare lane.
    private void fallback(Op op) {
        if (room < 0) {
            throw new IllegalStateException("codegen: no room for the lanes of " + op);
        }
        ClassDesc longs = ClassDesc.of(VectorType.PACKAGE, "LongVector");
        ClassDesc array = CD_long.arrayType();
        int half = type.lanes() / 2;
        int result = code.allocateLocal(TypeKind.REFERENCE);
        Label done = code.newLabel();
        operands(op.a());
        code.astore(result);
        operands(op.d());
        code.invokevirtual(VectorType.MASK, "anyTrue", MethodTypeDesc.of(CD_boolean)).ifeq(done);
        for (int i = 0; i < 2; i++) {
            operands(i == 0 ? op.b() : op.c());
            code.invokevirtual(VectorType.VECTOR, "reinterpretAsLongs", MethodTypeDesc.of(longs));
            code.aload(room).loadConstant(firstRoom + i * half);
            code.invokevirtual(longs, "intoArray", MethodTypeDesc.of(CD_void, array, CD_int));
        }
        code.aload(room).loadConstant(firstRoom).loadConstant(half);
        String name = Fallback.values()[(int) op.immediate()].name().toLowerCase(Locale.ROOT);
        code.invokestatic(FALLBACKS, name, MethodTypeDesc.of(CD_void, array, CD_int, CD_int));
        code.aload(result);
        code.getstatic(longs, "SPECIES_" + type.bits(), VectorType.SPECIES).aload(room).loadConstant(firstRoom);
        code.invokestatic(longs, "fromArray", MethodTypeDesc.of(longs, VectorType.SPECIES, array, CD_int));
        code.invokevirtual(VectorType.VECTOR, "reinterpretAsFloats", MethodTypeDesc.of(floats));
        code.aload(locals[op.d()]);
        code.invokevirtual(floats, "blend", MethodTypeDesc.of(floats, VectorType.VECTOR, VectorType.MASK));
        code.astore(result);
        code.labelBinding(done).aload(result);
    }
}
