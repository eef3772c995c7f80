package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.codegen.LoopCompiler.Operands;
import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Maths: as [LoopCompiler], one element at a time: F64 with transcendental functions (F64 is for checks) and exact
/// 64-bit integers.
/// Layout: every operand contiguous or one repeated element, all of one type, F64 or I64.
/// Blocking: none; functions in double are those of [Evaluation], in long small static methods that C2 inlines.
/// Registers: scalar.
/// Evidence: VectorPointwiseTest.
public final class ScalarLoopCompiler {
    private static final ClassDesc EVALUATION = Evaluation.class.describeConstable().orElseThrow();
    private static final ClassDesc LONGS = LongFunctions.class.describeConstable().orElseThrow();

    private final List<Expr> outputs;
    private final List<Access> inputs;
    private final boolean isDouble;
    private final TypeKind kind;
    private final ClassDesc element;

    private ScalarLoopCompiler(List<Expr> outputs, DType dtype, List<Access> inputs) {
        this.outputs = outputs;
        this.inputs = inputs;
        isDouble = dtype == DType.F64;
        kind = isDouble ? TypeKind.DOUBLE : TypeKind.LONG;
        element = isDouble ? CD_double : CD_long;
    }

    /// A loop in F64 or I64 for these operands; outputs are contiguous.
    public static PointwiseLoop compile(List<Expr> outputs, DType dtype, List<Access> inputs) {
        ScalarLoopCompiler compiler = new ScalarLoopCompiler(outputs, dtype, inputs);
        return LoopCompiler.define("PointwiseScalars", 1, compiler::body, CodeBuilder::return_);
    }

    private void body(CodeBuilder code) {
        Operands operands = Operands.load(code, inputs.size() + outputs.size());
        int end = code.allocateLocal(TypeKind.INT);
        int at = code.allocateLocal(TypeKind.INT);
        code.iload(code.parameterSlot(2)).iconst_3().ishl().istore(end);
        code.iconst_0().istore(at);
        Label test = code.newLabel();
        Label loop = code.newLabel();
        code.goto_(test).labelBinding(loop);
        Map<Expr, Integer> known = new HashMap<>();
        int[] results = new int[outputs.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] = value(code, outputs.get(i), known, operands, at);
        }
        for (int i = 0; i < results.length; i++) {
            layoutBelowOffset(code, operands, inputs.size() + i, at);
            code.loadLocal(kind, results[i]);
            code.invokeinterface(
                    VectorType.SEGMENT, "set", MethodTypeDesc.of(CD_void, layout(), CD_long, element));
        }
        code.iinc(at, 8);
        code.labelBinding(test).iload(at).iload(end).if_icmplt(loop).return_();
    }

    private ClassDesc layout() {
        return VectorType.LAYOUT.nested(isDouble ? "OfDouble" : "OfLong");
    }

    private void layoutBelowOffset(CodeBuilder code, Operands operands, int operand, int at) {
        code.aload(operands.segment()[operand]);
        code.getstatic(VectorType.LAYOUT, isDouble ? "JAVA_DOUBLE" : "JAVA_LONG", layout());
        code.lload(operands.offset()[operand]);
        if (operand >= inputs.size() || inputs.get(operand) == Access.CONTIGUOUS) {
            code.iload(at).i2l().ladd();
        }
    }

    private int value(CodeBuilder code, Expr e, Map<Expr, Integer> known, Operands operands, int at) {
        Integer old = known.get(e);
        if (old != null) {
            return old;
        }
        switch (e) {
            case Expr.Input i -> {
                layoutBelowOffset(code, operands, i.index(), at);
                code.invokeinterface(VectorType.SEGMENT, "get", MethodTypeDesc.of(element, layout(), CD_long));
            }
            case Expr.Constant c -> {
                if (isDouble) {
                    code.loadConstant(c.value());
                } else {
                    code.loadConstant((long) c.value());
                }
            }
            case Expr.Unary u -> call(code, u.function(), values(code, known, operands, at, u.x()));
            case Expr.Binary y -> call(code, y.function(), values(code, known, operands, at, y.x(), y.y()));
            case Expr.Fma f -> fma(code, values(code, known, operands, at, f.x(), f.y(), f.z()));
            case Expr.Select s ->
                    select(code, values(code, known, operands, at, s.condition(), s.then(), s.otherwise()));
        }
        int local = code.allocateLocal(kind);
        code.storeLocal(kind, local);
        known.put(e, local);
        return local;
    }

    private int[] values(CodeBuilder code, Map<Expr, Integer> known, Operands operands, int at, Expr... list) {
        int[] locals = new int[list.length];
        for (int i = 0; i < list.length; i++) {
            locals[i] = value(code, list[i], known, operands, at);
        }
        return locals;
    }

    private void call(CodeBuilder code, Enum<?> function, int[] arguments) {
        ClassDesc[] parameters = new ClassDesc[arguments.length];
        Arrays.fill(parameters, element);
        MethodTypeDesc signature = MethodTypeDesc.of(element, parameters);
        if (isDouble) {
            ClassDesc type = function.getDeclaringClass().describeConstable().orElseThrow();
            code.getstatic(type, function.name(), type);
            load(code, arguments);
            code.invokestatic(EVALUATION, "apply", signature.insertParameterTypes(0, type));
        } else {
            load(code, arguments);
            code.invokestatic(LONGS, function.name().toLowerCase(Locale.ROOT), signature);
        }
    }

    private void load(CodeBuilder code, int... locals) {
        for (int l : locals) {
            code.loadLocal(kind, l);
        }
    }

    private void fma(CodeBuilder code, int[] values) {
        load(code, values[0], values[1]);
        if (isDouble) {
            load(code, values[2]);
            code.invokestatic(
                    ClassDesc.of("java.lang.Math"), "fma", MethodTypeDesc.of(element, element, element, element));
        } else {
            code.lmul();
            load(code, values[2]);
            code.ladd();
        }
    }

    private void select(CodeBuilder code, int[] values) {
        Label otherwise = code.newLabel();
        Label end = code.newLabel();
        load(code, values[0]);
        // NaN compares as −1, that is as a true condition.
        (isDouble ? code.dconst_0().dcmpl() : code.lconst_0().lcmp()).ifeq(otherwise);
        load(code, values[1]);
        code.goto_(end).labelBinding(otherwise);
        load(code, values[2]);
        code.labelBinding(end);
    }
}
