package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_long;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.codegen.Program.Code;
import dev.gatun.kernels.codegen.Program.Op;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Writes a [Program] into a method that is being generated: [#constants] once, before any loop, then [#body] as often
/// as wanted (once per accumulator of an epilogue). Values live in locals, one per operation, taken again by the next
/// body.
///
/// ```java
/// var emitter = new ProgramEmitter(program, new ZeroVector(type, code));
/// emitter.constants();
/// // loop:
/// emitter.body(input -> { … leave the vector of this input on the stack … return false; });
/// code.aload(emitter.result(0));
/// ```
public final class ProgramEmitter {
    private static final ClassDesc UNARY = VectorType.OPERATORS.nested("Unary");
    private static final ClassDesc BINARY = VectorType.OPERATORS.nested("Binary");
    private static final ClassDesc ASSOCIATIVE = VectorType.OPERATORS.nested("Associative");
    private static final ClassDesc COMPARISON = VectorType.OPERATORS.nested("Comparison");

    private final Program program;
    private final ZeroVector zero;
    private final VectorType type;
    private final CodeBuilder code;
    private final ClassDesc floats;
    private final ClassDesc integers;
    private final int[] locals;
    /// Whether C2 knows the class of a value, so that what is called on it is bound while C2 parses.
    private final boolean[] known;
    /// Constants that are in their locals by now.
    private final boolean[] written;
    private @Nullable FallbackRoom room;

    /// Leaves the vector of an input on the operand stack.
    public interface Load {
        /// Pushes the vector of input number `input`; true when C2 knows its class.
        boolean push(int input);
    }

    /// For one method body, before its loops.
    ProgramEmitter(Program program, ZeroVector zero) {
        this.program = program;
        this.zero = zero;
        type = zero.type();
        code = zero.code();
        floats = type.vector();
        integers = type.integers();
        if (program.ops().stream().anyMatch(op -> op.code() == Code.INTEGER)) {
            zero.withIntegers();
        }
        locals = new int[program.ops().size()];
        known = new boolean[locals.length];
        written = new boolean[locals.length];
        for (int i = 0; i < locals.length; i++) {
            locals[i] = code.allocateLocal(TypeKind.REFERENCE);
        }
    }

    ZeroVector zero() {
        return zero;
    }

    /// Where the lanes of rare functions go: [Fallback#ROOM] elements of the `long[]` in local `array`, from `first` on.
    void room(int array, int first) {
        room = new FallbackRoom(array, first);
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

    /// Leaves a constant on the stack. Once per body: each broadcast is some hundred nodes to C2, and beyond 18,000 it binds
    /// calls later. But not once before the loop: a vector that lives in a local across it was boxed once per call.
    private void constant(int value) {
        if (written[value]) {
            code.aload(locals[value]);
        } else {
            broadcast(program.ops().get(value));
            code.dup().astore(locals[value]);
            written[value] = true;
        }
    }

    private static boolean isConstant(Op op) {
        return op.code() == Code.CONSTANT || op.code() == Code.INTEGER;
    }

    private void broadcast(Op op) {
        if (op.code() == Code.INTEGER) {
            zero.integers(op.immediate());
            return;
        }
        zero.push();
        double value = Double.longBitsToDouble(op.immediate());
        if (type.dtype() == DType.F32) {
            code.loadConstant((float) value);
        } else {
            code.loadConstant(value);
        }
        zero.broadcast();
    }

    /// Computes all outputs; see [#result].
    public void body(Load load) {
        Arrays.fill(written, false);
        for (int i = 0; i < locals.length; i++) {
            Op op = program.ops().get(i);
            boolean given = op.code() == Code.INPUT && load.push((int) op.immediate());
            known[i] = isConstant(op) || given;
            if (!isConstant(op)) {
                if (op.code() != Code.INPUT) {
                    known[i] = push(op);
                }
                code.astore(locals[i]);
            }
        }
    }

    /// The local that holds output `index` after [#body].
    public int result(int index) {
        return locals[program.outputs().get(index)];
    }

    /// Pushes output `index` after [#body], of a class that C2 knows: beyond 18,000 nodes it left the last operations for later
    /// and knows nothing of their results, and what was stored then was boxed in some processes.
    CodeBuilder pushResult(int index) {
        return type.exact(code.aload(result(index)));
    }

    /// True when C2 knows the class of output `index` after [#body].
    boolean isKnown(int index) {
        return known[program.outputs().get(index)];
    }

    /// True when C2 knows the class of the result: that is so when it knows what the operation is called on.
    private boolean push(Op op) {
        return switch (op.code()) {
            case INPUT, CONSTANT, INTEGER -> throw new IllegalStateException("codegen: no operation: " + op);
            case ADD, MUL, MAX, MIN -> onEither(floats, op.code().name().toLowerCase(Locale.ROOT), op);
            case SUB, DIV -> {
                boolean first = on(op.a(), op.b());
                code.invokevirtual(floats, op.code().name().toLowerCase(Locale.ROOT),
                        MethodTypeDesc.of(floats, VectorType.VECTOR));
                yield first;
            }
            case FMA -> {
                boolean swapped = !known[op.a()] && known[op.b()];
                boolean first = on(swapped ? op.b() : op.a(), swapped ? op.a() : op.b(), op.c());
                type.fma(code);
                yield first;
            }
            case NEG, ABS, SQRT -> {
                boolean first = on(op.a());
                code.getstatic(VectorType.OPERATORS, op.code().name(), UNARY);
                code.invokevirtual(floats, "lanewise", MethodTypeDesc.of(floats, UNARY));
                yield first;
            }
            case BLEND -> {
                boolean first = on(op.a(), op.b(), op.c());
                code.invokevirtual(
                        floats, "blend", MethodTypeDesc.of(floats, VectorType.VECTOR, VectorType.MASK));
                yield first;
            }
            case AS_FLOAT -> reinterpreted(op, floats, type.dtype() == DType.F32 ? "Floats" : "Doubles");
            case AS_INTEGER -> reinterpreted(op, integers, type.dtype() == DType.F32 ? "Ints" : "Longs");
            case IADD -> onEither(integers, "add", op);
            case IAND -> onEither(integers, "and", op);
            case IOR -> onEither(integers, "or", op);
            case ISUB -> {
                boolean first = on(op.a(), op.b());
                code.invokevirtual(integers, "sub", MethodTypeDesc.of(integers, VectorType.VECTOR));
                yield first;
            }
            case IXOR -> {
                boolean first = on(op.a());
                code.getstatic(VectorType.OPERATORS, "XOR", ASSOCIATIVE);
                operands(op.b());
                code.invokevirtual(integers, "lanewise", MethodTypeDesc.of(integers, BINARY, VectorType.VECTOR));
                yield first;
            }
            case SHL, SHR -> {
                boolean first = on(op.a());
                code.getstatic(VectorType.OPERATORS, op.code() == Code.SHL ? "LSHL" : "ASHR", BINARY);
                code.loadConstant(op.immediate());
                code.invokevirtual(integers, "lanewise", MethodTypeDesc.of(integers, BINARY, CD_long));
                yield first;
            }
            case LT, LE, GT, GE, EQ, NE, IEQ, MAND, MOR, MNOT -> {
                mask(op);
                yield false;
            }
            case FALLBACK -> {
                fallback(op);
                yield false;
            }
        };
    }

    /// Masks are not cast: what is called on one is little beside what makes it.
    private void mask(Op op) {
        switch (op.code()) {
            case IEQ -> {
                compare(integers, op, "EQ");
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
            default -> compare(floats, op, op.code().name());
        }
    }

    private void compare(ClassDesc on, Op op, String comparison) {
        on(op.a());
        code.getstatic(VectorType.OPERATORS, comparison, COMPARISON);
        operands(op.b());
        code.invokevirtual(on, "compare", MethodTypeDesc.of(VectorType.MASK, COMPARISON, VectorType.VECTOR));
    }

    private boolean reinterpreted(Op op, ClassDesc as, String kind) {
        on(op.a());
        code.invokevirtual(VectorType.VECTOR, "reinterpretAs" + kind, MethodTypeDesc.of(as));
        return false;
    }

    /// An operation whose operands may change places: called on the one whose class C2 knows.
    private boolean onEither(ClassDesc vectors, String name, Op op) {
        boolean swapped = !known[op.a()] && known[op.b()];
        boolean first = on(swapped ? op.b() : op.a(), swapped ? op.a() : op.b());
        code.invokevirtual(vectors, name, MethodTypeDesc.of(vectors, VectorType.VECTOR));
        return first;
    }

    /// Pushes what an operation is called on, from now on of a class that C2 knows unless there is no room, and the other
    /// operands.
    private boolean on(int first, int... others) {
        operands(first);
        Code made = program.ops().get(first).code();
        if (!known[first]) {
            type.exact(code, isInteger(made) ? integers : floats).dup().astore(locals[first]);
            known[first] = true;
        }
        operands(others);
        return known[first];
    }

    private static boolean isInteger(Code code) {
        return switch (code) {
            case AS_INTEGER, INTEGER, IADD, ISUB, IAND, IOR, IXOR, SHL, SHR -> true;
            default -> false;
        };
    }

    private void operands(int... values) {
        for (int v : values) {
            Op op = program.ops().get(v);
            if (isConstant(op)) {
                constant(v);
            } else {
                code.aload(locals[v]);
            }
        }
    }

    private void fallback(Op op) {
        if (room == null) {
            throw new IllegalStateException("codegen: no room for the lanes of " + op);
        }
        // In their locals on both paths.
        for (int v : new int[] {op.b(), op.c()}) {
            if (isConstant(program.ops().get(v))) {
                constant(v);
                code.pop();
            }
        }
        room.write(code, type, Fallback.values()[(int) op.immediate()], () -> operands(op.a()), () -> operands(op.b()),
                () -> operands(op.c()), () -> operands(op.d()));
    }
}
