package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;

/// Maths: element i of output j = output j of the program, of element i of every input.
/// Layout: every operand contiguous or one repeated element.
/// Blocking: one vector per step; C2 unrolls. The tail is a method of its own with masked accesses, so that neither
/// passes 45 memory accesses (C1 gives up on about 50, and the method would never be compiled).
/// Registers: one per live value and per constant; C2 takes the broadcasts out of the loop.
/// Evidence: VectorPointwiseTest, VectorBenchmark; figures in docs/kernels-pointwise.md.
public final class LoopCompiler {
    /// Operands that one loop may touch.
    public static final int MAX_OPERANDS = 45;

    static final ClassDesc LOOP = PointwiseLoop.class.describeConstable().orElseThrow();
    static final MethodTypeDesc BODY =
            MethodTypeDesc.of(CD_void, VectorType.SEGMENT.arrayType(), CD_long.arrayType(), CD_int);
    static final MethodTypeDesc TAIL =
            MethodTypeDesc.of(CD_void, VectorType.SEGMENT.arrayType(), CD_long.arrayType(), CD_int, CD_int);

    private final Program program;
    private final VectorType type;
    private final List<Access> inputs;
    private final int outputs;

    private LoopCompiler(Program program, VectorType type, List<Access> inputs) {
        this.program = program;
        this.type = type;
        this.inputs = inputs;
        this.outputs = program.outputs().size();
    }

    /// A loop for these operands; outputs are contiguous.
    public static PointwiseLoop compile(Program program, VectorType type, List<Access> inputs) {
        LoopCompiler compiler = new LoopCompiler(program, type, inputs);
        return define("PointwiseVectors", type.lanes(), compiler::body, compiler::tail);
    }

    interface MethodBody {
        void write(CodeBuilder code);
    }

    /// A hidden subclass of [PointwiseLoop].
    static PointwiseLoop define(String name, int lanes, MethodBody body, MethodBody tail) {
        ClassDesc self = ClassDesc.of(LoopCompiler.class.getPackageName(), name);
        byte[] bytes = ClassFile.of().build(
                self, c -> c.withSuperclass(LOOP).withFlags(ClassFile.ACC_FINAL)
                        .withMethodBody(
                                INIT_NAME, MTD_void, ClassFile.ACC_PUBLIC,
                                code -> code.aload(0).invokespecial(LOOP, INIT_NAME, MTD_void).return_())
                        .withMethodBody(
                                "lanes", MethodTypeDesc.of(CD_int), ClassFile.ACC_PUBLIC,
                                code -> code.loadConstant(lanes).ireturn())
                        .withMethodBody("body", BODY, ClassFile.ACC_PUBLIC, body::write)
                        .withMethodBody("tail", TAIL, ClassFile.ACC_PUBLIC, tail::write));
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (PointwiseLoop) lookup.lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("pointwise: the generated loop cannot be loaded", e);
        }
    }

    /// Locals of the operands: segment and offset of each.
    record Operands(int[] segment, int[] offset) {
        static Operands load(CodeBuilder code, int count) {
            Operands o = new Operands(new int[count], new int[count]);
            for (int i = 0; i < count; i++) {
                o.segment[i] = code.allocateLocal(TypeKind.REFERENCE);
                o.offset[i] = code.allocateLocal(TypeKind.LONG);
                VectorType.offHeap(code.aload(code.parameterSlot(0)).loadConstant(i).aaload()).astore(o.segment[i]);
                code.aload(code.parameterSlot(1)).loadConstant(i).laload().lstore(o.offset[i]);
            }
            return o;
        }

        /// Pushes segment and the offset `bytes` further.
        void push(CodeBuilder code, int operand, int bytes) {
            code.aload(segment[operand]).lload(offset[operand]).iload(bytes).i2l().ladd();
        }
    }

    private int[] repeated(CodeBuilder code, Operands operands, ZeroVector zero) {
        int[] locals = new int[inputs.size()];
        for (int i = 0; i < locals.length; i++) {
            if (inputs.get(i) == Access.REPEATED && program.inputs().contains(i)) {
                locals[i] = code.allocateLocal(TypeKind.REFERENCE);
                zero.load(operands.segment[i], operands.offset[i]).astore(locals[i]);
            }
        }
        return locals;
    }

    private void body(CodeBuilder code) {
        Operands operands = Operands.load(code, inputs.size() + outputs);
        ProgramEmitter emitter = new ProgramEmitter(program, new ZeroVector(type, code));
        emitter.room(code.parameterSlot(1), inputs.size() + outputs);
        emitter.constants();
        int[] repeated = repeated(code, operands, emitter.zero());
        int end = code.allocateLocal(TypeKind.INT);
        int at = code.allocateLocal(TypeKind.INT);
        int shift = Integer.numberOfTrailingZeros(type.dtype().bytes());
        code.iload(code.parameterSlot(2)).loadConstant(-type.lanes()).iand().loadConstant(shift).ishl().istore(end);
        code.iconst_0().istore(at);
        Label test = code.newLabel();
        Label loop = code.newLabel();
        code.goto_(test).labelBinding(loop);
        emitter.body(input -> {
            if (inputs.get(input) == Access.REPEATED) {
                code.aload(repeated[input]);
                return true;
            }
            type.species(code);
            operands.push(code, input, at);
            type.load(code);
            return false;
        });
        for (int i = 0; i < outputs; i++) {
            emitter.pushResult(i);
            operands.push(code, inputs.size() + i, at);
            type.store(code);
        }
        code.iinc(at, type.bytes());
        code.labelBinding(test).iload(at).iload(end).if_icmplt(loop).return_();
    }

    private void tail(CodeBuilder code) {
        Operands operands = Operands.load(code, inputs.size() + outputs);
        ProgramEmitter emitter = new ProgramEmitter(program, new ZeroVector(type, code));
        emitter.room(code.parameterSlot(1), inputs.size() + outputs);
        emitter.constants();
        int[] repeated = repeated(code, operands, emitter.zero());
        int at = code.allocateLocal(TypeKind.INT);
        int mask = code.allocateLocal(TypeKind.REFERENCE);
        int shift = Integer.numberOfTrailingZeros(type.dtype().bytes());
        code.iload(code.parameterSlot(2)).loadConstant(shift).ishl().istore(at);
        type.firstLanes(code, () -> code.iload(code.parameterSlot(3))).astore(mask);
        emitter.body(input -> {
            if (inputs.get(input) == Access.REPEATED) {
                code.aload(repeated[input]);
                return true;
            }
            type.species(code);
            operands.push(code, input, at);
            type.loadMasked(code, mask);
            return false;
        });
        for (int i = 0; i < outputs; i++) {
            emitter.pushResult(i);
            operands.push(code, inputs.size() + i, at);
            type.storeMasked(code, mask);
        }
        code.return_();
    }
}
