package dev.gatun.kernels.codegen;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;

/// maths: s[u, v, lane] += Σ over rows r of g[r, lane]·b[r·stepDown + u, tap(v) + lane], r ascending.
/// layout: rows of the plane a fixed distance apart with their margins, rows of g any distance; one vector of sums per
/// tap.
/// blocking and why: up to four rows of g at once, so that a row of the plane is loaded once per column of the filter for
/// all rows that meet it; then `steps` such groups of rows, with the sums in registers.
/// registers: one sum per tap, one vector of g per row, one of the plane.
/// evidence: docs/kernels-conv.md.
final class StencilSumsWriter {
    private final StencilSumsShape shape;
    private final StencilShape.Grid grid;
    private final VectorType type;
    private final CodeBuilder code;
    private final int[] sums;

    private StencilSumsWriter(StencilSumsShape shape, CodeBuilder code) {
        this.shape = shape;
        this.code = code;
        grid = shape.grid();
        type = shape.type();
        sums = locals(grid.height() * shape.columns());
    }

    static void write(StencilSumsShape shape, ClassBuilder builder) {
        builder.withMethodBody(
                "run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, code -> new StencilSumsWriter(shape, code).run());
    }

    private void run() {
        TileCode tile = new TileCode(code);
        int b = tile.segment("b");
        int from = tile.offset("bOff");
        int bStep = tile.offset("bStep");
        int g = tile.segment("weights");
        int row = tile.offset("weightsOff");
        int gRow = tile.offset("weightsRow");
        int c = tile.segment("c");
        int cOff = tile.offset("cOff");
        int steps = tile.number("steps");
        for (int t = 0; t < sums.length; t++) {
            load(c, cOff, (long) t * type.bytes(), sums[t]);
        }
        int[] gradients = locals(shape.rows());
        int x = code.allocateLocal(TypeKind.REFERENCE);
        int step = code.allocateLocal(TypeKind.INT);
        Label next = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(step).labelBinding(next).iload(step).iload(steps).if_icmpge(end);
        for (int gradient : gradients) {
            load(g, row, 0, gradient);
            type.exact(code.aload(gradient)).astore(gradient);
            code.lload(row).lload(gRow).ladd().lstore(row);
        }
        for (int i = 0; i < grid.reach(shape.rows()); i++) {
            for (int v = 0; v < shape.columns() && shape.grid().isRead(i, shape.rows()); v++) {
                load(b, from, (long) i * grid.down() * grid.rowBytes() + grid.tapBytes(v), x);
                for (int r = 0; r < shape.rows(); r++) {
                    int u = shape.grid().tapRow(i, r);
                    if (u >= 0) {
                        int sum = sums[u * shape.columns() + v];
                        code.aload(gradients[r]).aload(x).aload(sum);
                        type.fma(code);
                        code.astore(sum);
                    }
                }
            }
        }
        code.lload(from).lload(bStep).ladd().lstore(from);
        code.iinc(step, 1).goto_(next).labelBinding(end);
        for (int t = 0; t < sums.length; t++) {
            code.aload(sums[t]).aload(c);
            TileCode.at(code, cOff, (long) t * type.bytes());
            type.store(code);
        }
        code.return_();
    }

    private void load(int segment, int offset, long plus, int to) {
        type.species(code).aload(segment);
        TileCode.at(code, offset, plus);
        type.load(code).astore(to);
    }

    private int[] locals(int count) {
        return TileCode.locals(code, count, TypeKind.REFERENCE);
    }
}
