package dev.gatun.kernels.codegen;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.List;

/// maths: c[r, lane] = epilogue(Σ_(u, v) w[u, v]·b[r·stepDown + u, tap(v) + lane]), u ascending, v ascending within.
/// layout: rows of the plane a fixed distance apart with their margins: padding and edges are no cases, and the addresses
/// of a tile differ by constants; rows
/// of the result `cRow` apart, whole vectors.
/// blocking and why: up to four rows of the result at once, so that a row of the plane is loaded once per column of the
/// filter for all rows that use it; then `steps` such tiles, across or down.
/// registers: one sum per row, one vector of the plane, all weights of a small filter (of a large one a column of them).
/// evidence: docs/kernels-conv.md.
final class StencilWriter {
    private final StencilShape shape;
    private final StencilShape.Grid grid;
    private final VectorType type;
    private final CodeBuilder code;
    private final TileCode tile;
    private final int b;
    private final int weights;
    private final int weightsOff;
    private final int from;
    private final int[] sums;
    private final ZeroVector zero;

    private StencilWriter(StencilShape shape, CodeBuilder code) {
        this.shape = shape;
        this.code = code;
        grid = shape.grid();
        type = shape.type();
        tile = new TileCode(code);
        b = tile.segment("b");
        weights = tile.segment("weights");
        weightsOff = tile.offset("weightsOff");
        from = tile.offset("bOff");
        sums = locals(shape.rows(), TypeKind.REFERENCE);
        zero = new ZeroVector(type, code);
    }

    static void write(StencilShape shape, ClassBuilder builder) {
        builder.withMethodBody(
                "run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, code -> new StencilWriter(shape, code).run());
    }

    private void run() {
        int c = tile.segment("c");
        int bStep = tile.offset("bStep");
        int cStep = tile.offset("cStep");
        int to = code.allocateLocal(TypeKind.LONG);
        int cOff = tile.offset("cOff");
        int cRow = tile.offset("cRow");
        int steps = tile.number("steps");
        int[] extras = extras();
        var emitter = new ProgramEmitter(ExprLowering.lower(type.dtype(), List.of(shape.epilogue())), zero);
        emitter.constants();
        int held = shape.isUnrolled() ? -1 : tile.heldWeights(type, grid.height() * grid.width());
        Runnable sum = shape.isUnrolled() ? unrolled() : () -> looped(held);
        int step = code.allocateLocal(TypeKind.INT);
        Label next = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(step).labelBinding(next).iload(step).iload(steps).if_icmpge(end);
        sum.run();
        code.lload(cOff).lstore(to);
        for (int value : sums) {
            emitter.body(input -> {
                if (input == 0) {
                    code.aload(value);
                } else {
                    zero.push().fload(extras[input - 1]);
                    zero.broadcast();
                }
                return input > 0 || shape.isUnrolled();
            });
            code.aload(emitter.result(0)).aload(c).lload(to);
            type.store(code);
            code.lload(to).lload(cRow).ladd().lstore(to);
        }
        code.lload(from).lload(bStep).ladd().lstore(from);
        code.lload(cOff).lload(cStep).ladd().lstore(cOff);
        code.iinc(step, 1).goto_(next).labelBinding(end).return_();
    }

    /// All weights as scalars in locals before the loop, repeated inside it, which C2 takes out again.
    private Runnable unrolled() {
        int[] scalars = locals(grid.height() * grid.width(), TypeKind.FLOAT);
        int[] w = locals(scalars.length, TypeKind.REFERENCE);
        for (int t = 0; t < scalars.length; t++) {
            scalar(weights, weightsOff, 4L * t);
            code.fstore(scalars[t]);
        }
        int x = code.allocateLocal(TypeKind.REFERENCE);
        return () -> {
            for (int t = 0; t < w.length; t++) {
                zero.push().fload(scalars[t]);
                zero.broadcast().astore(w[t]);
            }
            for (int i = 0; i < grid.reach(shape.rows()); i++) {
                for (int v = 0; v < grid.width() && shape.grid().isRead(i, shape.rows()); v++) {
                    load(from, rowBytes(i) + grid.tapBytes(v), x);
                    for (int r = 0; r < sums.length; r++) {
                        int u = shape.grid().tapRow(i, r);
                        if (u >= 0) {
                            add(r, x, w[u * grid.width() + v], u == 0 && v == 0);
                        }
                    }
                }
            }
        };
    }

    /// A loop over the columns of the filter, whose weights come from memory. Columns that are not evenly apart (a step
    /// of 2) are two loops.
    private void looped(int held) {
        int column = code.allocateLocal(TypeKind.LONG);
        int weight = code.allocateLocal(TypeKind.INT);
        int v = code.allocateLocal(TypeKind.INT);
        int x = code.allocateLocal(TypeKind.REFERENCE);
        int[] w = locals(grid.height(), TypeKind.REFERENCE);
        for (int sum : sums) {
            zero.sum().astore(sum);
        }
        int phases = grid.phases();
        for (int f = 0; f < phases; f++) {
            Label next = code.newLabel();
            Label end = code.newLabel();
            long apart = (long) grid.tapBytes(f + phases) - grid.tapBytes(f);
            code.iconst_0().istore(v).labelBinding(next).iload(v);
            code.loadConstant(Math.ceilDiv(grid.width() - f, phases)).if_icmpge(end);
            code.lload(from).iload(v).i2l().loadConstant(apart).lmul().ladd().lstore(column);
            code.iload(v).loadConstant(phases).imul().istore(weight);
            for (int u = 0; u < w.length; u++) {
                zero.push().aload(held).iload(weight).loadConstant(u * grid.width() + f).iadd().faload();
                zero.broadcast().astore(w[u]);
            }
            for (int i = 0; i < grid.reach(shape.rows()); i++) {
                if (shape.grid().isRead(i, shape.rows())) {
                    load(column, rowBytes(i) + grid.tapBytes(f), x);
                }
                for (int r = 0; r < sums.length; r++) {
                    if (shape.grid().tapRow(i, r) >= 0) {
                        add(r, x, w[shape.grid().tapRow(i, r)], false);
                    }
                }
            }
            code.iinc(v, 1).goto_(next).labelBinding(end);
        }
    }

    private long rowBytes(int i) {
        return (long) i * grid.down() * grid.rowBytes();
    }

    private void add(int r, int x, int w, boolean first) {
        code.aload(w).aload(x);
        if (first) {
            type.multiply(code);
        } else {
            code.aload(sums[r]);
            type.fma(code);
        }
        code.astore(sums[r]);
    }

    private void load(int offset, long plus, int x) {
        type.species(code).aload(b);
        TileCode.at(code, offset, plus);
        type.load(code).astore(x);
    }

    /// Pushes one element.
    private void scalar(int segment, int offset, long plus) {
        code.aload(segment);
        TileCode.layout(code, type);
        TileCode.at(code, offset, plus);
        TileCode.element(code, type);
    }

    private int[] extras() {
        int[] extras = locals(shape.extras(), TypeKind.FLOAT);
        for (int e = 0; e < extras.length; e++) {
            scalar(tile.segment("extra", e), tile.offset("extraOff", e), 0);
            code.fstore(extras[e]);
        }
        return extras;
    }

    private int[] locals(int count, TypeKind kind) {
        return TileCode.locals(code, count, kind);
    }
}
