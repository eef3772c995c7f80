package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.codegen.LoopCompiler.Operands;
import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Maths: fold of program output 0 along lines (the inner dim is reduced) or down columns (it is kept).
/// Layout: operands contiguous or repeated along the inner dim.
/// Blocking: lines in four interleaved accumulators (two or one for large expressions), the rest of a line in a method
/// of its own, columns in panels of as many vectors, 64 rows to a partial sum, so that no lane adds up more than 64 + rows/64 rounding errors; lanes by a fixed half-fold tree (the JDK's own sum of
/// lanes changes its order when C2 compiles the caller).
/// Registers: 4 or 8 accumulators and those of the expression.
/// Evidence: VectorReduceTest, VectorBenchmark; figures in docs/kernels-pointwise.md.
public final class FoldCompiler {
    /// How two values become one.
    public enum Fold {
        /// Sum, from 0.
        ADD(0),
        /// Product, from 1.
        MUL(1),
        /// Largest, from −Inf.
        MAX(Double.NEGATIVE_INFINITY),
        /// Smallest, from +Inf.
        MIN(Double.POSITIVE_INFINITY);

        private final double identity;

        Fold(double identity) {
            this.identity = identity;
        }

        /// What a fold starts from.
        public double identity() {
            return identity;
        }

        /// The same in double.
        public double apply(double x, double y) {
            return switch (this) {
                case ADD -> x + y;
                case MUL -> x * y;
                case MAX -> Math.max(x, y);
                case MIN -> Math.min(x, y);
            };
        }
    }

    /// Inputs that one fold may read; with more, its body would have too many memory accesses.
    public static final int MAX_INPUTS = 10;

    private static final ClassDesc BASE = FoldLoop.class.describeConstable().orElseThrow();
    private static final ClassDesc FOLD = Fold.class.describeConstable().orElseThrow();
    private static final ClassDesc SHUFFLE = ClassDesc.of(VectorType.PACKAGE, "VectorShuffle");
    private static final int PARTIAL_ROWS = 64;
    // Operations of a program of which a method may hold five copies, or three (docs/kernels-pointwise.md).
    private static final int SMALL_PROGRAM = 24;
    private static final int LARGE_PROGRAM = 60;

    private final Fold fold;
    private final Program program;
    private final VectorType type;
    private final List<Access> inputs;
    private final int width;

    private FoldCompiler(Fold fold, Program program, VectorType type, List<Access> inputs) {
        this.fold = fold;
        this.program = program;
        this.type = type;
        this.inputs = inputs;
        int size = program.ops().size();
        width = size > LARGE_PROGRAM || inputs.size() > 5 ? 1 : size > SMALL_PROGRAM ? 2 : 4;
    }

    /// A fold of the only output of `program`; `inputs` says how each input is walked along the inner dim.
    public static FoldLoop compile(Fold fold, Program program, VectorType type, List<Access> inputs) {
        return new FoldCompiler(fold, program, type, inputs).define();
    }

    private FoldLoop define() {
        ClassDesc segments = VectorType.SEGMENT.arrayType();
        ClassDesc longs = CD_long.arrayType();
        MethodTypeDesc edge =
                MethodTypeDesc.of(CD_void, segments, longs, longs, CD_int, VectorType.SEGMENT, CD_long, CD_int);
        byte[] bytes = ClassFile.of().build(
                ClassDesc.of(FoldCompiler.class.getPackageName(), "Fold"),
                c -> c.withSuperclass(BASE).withFlags(ClassFile.ACC_FINAL)
                        .withMethodBody(
                                INIT_NAME, MTD_void, ClassFile.ACC_PUBLIC,
                                code -> code.aload(0).invokespecial(BASE, INIT_NAME, MTD_void).return_())
                        .withMethodBody(
                                "lanes", MethodTypeDesc.of(CD_int), ClassFile.ACC_PUBLIC,
                                code -> code.loadConstant(type.lanes()).ireturn())
                        .withMethodBody(
                                "columns", MethodTypeDesc.of(CD_int), ClassFile.ACC_PUBLIC,
                                code -> code.loadConstant(width * type.lanes()).ireturn())
                        .withMethodBody(
                                "fold", MethodTypeDesc.of(FOLD), 0,
                                code -> code.getstatic(FOLD, fold.name(), FOLD).areturn())
                        .withMethodBody(
                                "body", MethodTypeDesc.of(CD_double, segments, longs, CD_int), 0, this::body)
                        .withMethodBody(
                                "tail", MethodTypeDesc.of(CD_double, segments, longs, CD_int, CD_int), 0, this::tail)
                        .withMethodBody(
                                "panel", edge.dropParameterTypes(6, 7), ClassFile.ACC_PUBLIC,
                                code -> columns(code, false))
                        .withMethodBody("edge", edge, ClassFile.ACC_PUBLIC, code -> columns(code, true)));
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (FoldLoop) lookup.lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("reduce: the generated fold cannot be loaded", e);
        }
    }

    private ProgramEmitter emitter(CodeBuilder code) {
        ProgramEmitter emitter = new ProgramEmitter(program, new ZeroVector(type, code));
        emitter.room(code.parameterSlot(1), inputs.size());
        emitter.constants();
        return emitter;
    }

    private void body(CodeBuilder code) {
        Operands operands = Operands.load(code, inputs.size());
        ProgramEmitter emitter = emitter(code);
        int identity = identity(code, emitter.zero());
        int[] repeated = repeated(code, operands, emitter.zero());
        int[] sums = accumulators(code, width, identity);
        int at = code.allocateLocal(TypeKind.INT);
        int end = code.allocateLocal(TypeKind.INT);
        int n = code.parameterSlot(2);
        code.iconst_0().istore(at);
        for (int step = width;; step = 1) {
            bytes(code.iload(n).loadConstant(-step * type.lanes()).iand()).istore(end);
            int vectors = step;
            loop(code, at, end, step * type.bytes(), () -> {
                for (int v = 0; v < vectors; v++) {
                    mapped(code, emitter, operands, repeated, at, v, -1);
                    accumulate(code, sums[v], emitter.result(0), emitter.isKnown(0));
                }
            });
            if (step == 1) {
                break;
            }
        }
        for (int gap = 1; gap < width; gap *= 2) {
            for (int v = 0; v + gap < width; v += 2 * gap) {
                accumulate(code, sums[v], sums[v + gap], false);
            }
        }
        lane(code, sums[0]);
    }

    private void tail(CodeBuilder code) {
        Operands operands = Operands.load(code, inputs.size());
        ProgramEmitter emitter = emitter(code);
        int at = code.allocateLocal(TypeKind.INT);
        int mask = code.allocateLocal(TypeKind.REFERENCE);
        bytes(code.iload(code.parameterSlot(2))).istore(at);
        type.firstLanes(code, () -> code.iload(code.parameterSlot(3))).astore(mask);
        mapped(code, emitter, operands, repeated(code, operands, emitter.zero()), at, 0, mask);
        int rest = identity(code, emitter.zero());
        code.aload(rest).aload(emitter.result(0)).aload(mask);
        code.invokevirtual(
                type.vector(), "blend", MethodTypeDesc.of(type.vector(), VectorType.VECTOR, VectorType.MASK));
        code.astore(rest);
        lane(code, rest);
    }

    /// Returns the fold of the lanes.
    private void lane(CodeBuilder code, int sum) {
        tree(code, sum);
        code.aload(sum).iconst_0().invokevirtual(
                type.vector(), "lane", MethodTypeDesc.of(type.element(), CD_int));
        if (type.dtype() == DType.F32) {
            code.f2d();
        }
        code.dreturn();
    }

    private void columns(CodeBuilder code, boolean edge) {
        int vectors = edge ? 1 : width;
        int steps = code.parameterSlot(2);
        int rows = code.parameterSlot(3);
        Operands operands = Operands.load(code, inputs.size());
        ProgramEmitter emitter = emitter(code);
        int identity = identity(code, emitter.zero());
        int mask = code.allocateLocal(TypeKind.REFERENCE);
        if (edge) {
            type.firstLanes(code, () -> code.iload(code.parameterSlot(6))).astore(mask);
        }
        int[] totals = accumulators(code, vectors, identity);
        int[] sums = accumulators(code, vectors, identity);
        int row = code.allocateLocal(TypeKind.INT);
        int end = code.allocateLocal(TypeKind.INT);
        int zero = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(zero).iconst_0().istore(row);
        loop(code, row, rows, 0, () -> {
            code.iload(rows).iload(row).loadConstant(PARTIAL_ROWS).iadd();
            code.invokestatic(ClassDesc.of("java.lang.Math"), "min", MethodTypeDesc.of(CD_int, CD_int, CD_int));
            code.istore(end);
            for (int s : sums) {
                code.aload(identity).astore(s);
            }
            loop(code, row, end, 1, () -> {
                for (int v = 0; v < vectors; v++) {
                    mapped(code, emitter, operands, null, zero, v, edge ? mask : -1);
                    accumulate(code, sums[v], emitter.result(0), emitter.isKnown(0));
                }
                for (int i = 0; i < inputs.size(); i++) {
                    int offset = operands.offset()[i];
                    code.lload(offset).aload(steps).loadConstant(i).laload().ladd().lstore(offset);
                }
            });
            for (int v = 0; v < vectors; v++) {
                accumulate(code, totals[v], sums[v], false);
            }
        });
        int to = code.allocateLocal(TypeKind.REFERENCE);
        VectorType.offHeap(code.aload(code.parameterSlot(4))).astore(to);
        for (int v = 0; v < vectors; v++) {
            code.aload(totals[v]).aload(to).lload(code.parameterSlot(5));
            code.loadConstant((long) v * type.bytes()).ladd();
            if (edge) {
                type.storeMasked(code, mask);
            } else {
                type.store(code);
            }
        }
        code.return_();
    }

    /// `while (at < end) { body; at += step }`.
    private static void loop(CodeBuilder code, int at, int end, int step, Runnable body) {
        Label test = code.newLabel();
        Label start = code.newLabel();
        code.goto_(test).labelBinding(start);
        body.run();
        if (step != 0) {
            code.iinc(at, step);
        }
        code.labelBinding(test).iload(at).iload(end).if_icmplt(start);
    }

    private CodeBuilder bytes(CodeBuilder code) {
        return code.loadConstant(Integer.numberOfTrailingZeros(type.dtype().bytes())).ishl();
    }

    private int identity(CodeBuilder code, ZeroVector zero) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        zero.push();
        if (type.dtype() == DType.F32) {
            code.loadConstant((float) fold.identity);
        } else {
            code.loadConstant(fold.identity);
        }
        zero.broadcast().astore(local);
        return local;
    }

    private static int[] accumulators(CodeBuilder code, int count, int identity) {
        int[] locals = new int[count];
        for (int i = 0; i < count; i++) {
            locals[i] = code.allocateLocal(TypeKind.REFERENCE);
            code.aload(identity).astore(locals[i]);
        }
        return locals;
    }

    private int[] repeated(CodeBuilder code, Operands operands, ZeroVector zero) {
        int[] locals = new int[inputs.size()];
        for (int input : program.inputs()) {
            if (inputs.get(input) == Access.REPEATED) {
                locals[input] = code.allocateLocal(TypeKind.REFERENCE);
                zero.load(operands.segment()[input], operands.offset()[input]).astore(locals[input]);
            }
        }
        return locals;
    }

    /// Computes the expression for the vector `v` vectors further; `repeated` null means that repeated elements differ
    /// from row to row and are read each time.
    private void mapped(
            CodeBuilder code, ProgramEmitter emitter, Operands operands,
            int @org.jspecify.annotations.Nullable [] repeated,
            int at, int v, int mask) {
        emitter.body(input -> {
            if (inputs.get(input) == Access.REPEATED) {
                if (repeated != null) {
                    code.aload(repeated[input]);
                } else {
                    emitter.zero().load(operands.segment()[input], operands.offset()[input]);
                }
                return true;
            }
            type.species(code);
            operands.push(code, input, at);
            if (v > 0) {
                code.loadConstant((long) v * type.bytes()).ladd();
            }
            if (mask >= 0) {
                type.loadMasked(code, mask);
            } else {
                type.load(code);
            }
            return false;
        });
    }

    /// Called on the value, whose class C2 may know, as it does not that of a sum in a loop.
    private void accumulate(CodeBuilder code, int sum, int value, boolean known) {
        code.aload(value);
        if (!known) {
            type.exact(code);
        }
        code.aload(sum);
        code.invokevirtual(
                type.vector(), fold.name().toLowerCase(java.util.Locale.ROOT),
                MethodTypeDesc.of(type.vector(), VectorType.VECTOR));
        code.astore(sum);
    }

    private void tree(CodeBuilder code, int sum) {
        int other = code.allocateLocal(TypeKind.REFERENCE);
        type.exact(code.aload(sum)).astore(sum);
        for (int half = type.lanes() / 2; half > 0; half /= 2) {
            code.aload(sum).loadConstant(shuffle(half));
            code.invokevirtual(type.vector(), "rearrange", MethodTypeDesc.of(type.vector(), SHUFFLE));
            code.astore(other);
            accumulate(code, sum, other, true);
        }
    }

    private DynamicConstantDesc<Object> shuffle(int half) {
        var bootstrap = ConstantDescs.ofConstantBootstrap(
                FoldCompiler.class.describeConstable().orElseThrow(), "rotation", SHUFFLE, CD_int, CD_int, CD_int);
        return DynamicConstantDesc.ofNamed(
                bootstrap, "rotation", SHUFFLE, type.dtype().bytes(), type.lanes(), half);
    }

    /// Bootstrap of a constant in generated code: lane i gets lane i + by.
    static VectorShuffle<?> rotation(
            MethodHandles.Lookup lookup, String name, Class<?> constant, int bytes, int lanes, int by) {
        int bits = bytes * lanes * 8;
        VectorSpecies<?> species = bytes == 4
                ? bits == 128 ? FloatVector.SPECIES_128
                        : bits == 256 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_512
                : bits == 128 ? DoubleVector.SPECIES_128
                        : bits == 256 ? DoubleVector.SPECIES_256 : DoubleVector.SPECIES_512;
        return VectorShuffle.fromOp(species, i -> (i + by) & (lanes - 1));
    }
}
