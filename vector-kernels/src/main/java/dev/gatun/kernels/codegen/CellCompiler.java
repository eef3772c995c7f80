package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;

/// maths: the outputs of a program, for one vector of units after the other.
/// layout: operand i moves by `steps[i]` vectors: gates of a product lie beside each other, states one by one.
/// blocking and why: none; the units of a row that one register tile of the product has just made.
/// registers: one per live value; C2 takes the constants out of the loop.
/// evidence: docs/kernels-recurrent.md.
public final class CellCompiler {
    private static final ClassDesc LOOP = CellLoop.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc RUN =
            MethodTypeDesc.of(CD_void, VectorType.SEGMENT.arrayType(), CD_long.arrayType(), CD_int);

    private CellCompiler() {}

    /// A loop for this program; `steps` per input and then per output.
    public static CellLoop compile(Program program, VectorType type, List<Integer> steps) {
        ClassDesc self = ClassDesc.of(CellCompiler.class.getPackageName(), "RecurrentCellVectors");
        byte[] bytes = ClassFile.of().build(
                self, c -> c.withSuperclass(LOOP).withFlags(ClassFile.ACC_FINAL)
                        .withMethodBody(
                                INIT_NAME, MTD_void, ClassFile.ACC_PUBLIC,
                                code -> code.aload(0).invokespecial(LOOP, INIT_NAME, MTD_void).return_())
                        .withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, code -> run(program, type, steps, code)));
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (CellLoop) lookup.lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("recurrent: the generated loop cannot be loaded", e);
        }
    }

    private static void run(Program program, VectorType type, List<Integer> steps, CodeBuilder code) {
        LoopCompiler.Operands operands = LoopCompiler.Operands.load(code, steps.size());
        ProgramEmitter emitter = new ProgramEmitter(program, new ZeroVector(type, code));
        emitter.constants();
        int outputs = program.outputs().size();
        int first = steps.size() - outputs;
        int i = code.allocateLocal(TypeKind.INT);
        Label test = code.newLabel();
        Label loop = code.newLabel();
        code.iconst_0().istore(i).goto_(test).labelBinding(loop);
        emitter.body(input -> {
            type.species(code);
            push(operands, code, input, i, steps.get(input) * type.bytes());
            type.load(code);
            return false;
        });
        for (int o = 0; o < outputs; o++) {
            emitter.pushResult(o);
            push(operands, code, first + o, i, steps.get(first + o) * type.bytes());
            type.store(code);
        }
        code.iinc(i, 1);
        code.labelBinding(test).iload(i).iload(code.parameterSlot(2)).if_icmplt(loop).return_();
    }

    private static void push(LoopCompiler.Operands operands, CodeBuilder code, int operand, int i, int bytes) {
        code.aload(operands.segment()[operand]).lload(operands.offset()[operand]);
        code.iload(i).loadConstant(bytes).imul().i2l().ladd();
    }
}
