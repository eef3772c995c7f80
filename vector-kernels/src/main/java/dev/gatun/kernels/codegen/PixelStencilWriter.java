package dev.gatun.kernels.codegen;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.List;

/// maths: c[r, s] = epilogue(Σ_(u, v) w[u, v]·b[r·step + u, s·step + v]), u ascending, v ascending within, all of them
/// vectors of channels.
/// layout: images and results channels last; the weights of a vector of channels are one vector per tap, side by side.
/// blocking and why: one vector of channels for the whole run, so that weights and biases are loaded once; then `steps`
/// tiles of a few results, which share the pixels that they both reach.
/// registers: the weights, the operands of the epilogue, one sum per result, one vector of the image.
/// evidence: docs/kernels-conv.md.
final class PixelStencilWriter {
    private final PixelStencilShape shape;
    private final VectorType type;
    private final CodeBuilder code;
    private final TileCode tile;

    private PixelStencilWriter(PixelStencilShape shape, CodeBuilder code) {
        this.shape = shape;
        this.code = code;
        type = shape.type();
        tile = new TileCode(code);
    }

    static void write(PixelStencilShape shape, ClassBuilder builder) {
        builder.withMethodBody(
                "run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, code -> new PixelStencilWriter(shape, code).run());
    }

    private void run() {
        int b = tile.segment("b");
        int c = tile.segment("c");
        int from = tile.offset("bOff");
        int bRow = tile.offset("bRow");
        int bTap = tile.offset("bTap");
        int bStep = tile.offset("bStep");
        int to = tile.offset("cOff");
        int cRow = tile.offset("cRow");
        int cTap = tile.offset("cTap");
        int cStep = tile.offset("cStep");
        int steps = tile.number("steps");
        int[] extras = extras();
        int[] w = weights();
        var emitter = new ProgramEmitter(ExprLowering.lower(type.dtype(), List.of(shape.epilogue())),
                new ZeroVector(type, code));
        emitter.constants();
        int[] sums = vectors(shape.rows() * shape.columns());
        int x = code.allocateLocal(TypeKind.REFERENCE);
        int row = code.allocateLocal(TypeKind.LONG);
        int at = code.allocateLocal(TypeKind.LONG);
        int step = code.allocateLocal(TypeKind.INT);
        Label next = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(step).labelBinding(next).iload(step).iload(steps).if_icmpge(end);
        code.lload(from).iload(step).i2l().lload(bStep).lmul().ladd().lstore(row);
        boolean[] begun = new boolean[sums.length];
        for (int i = 0; i < shape.down(); i++) {
            code.lload(row).lstore(at);
            for (int j = 0; j < shape.across(); j++) {
                if (isRead(i, j)) {
                    type.species(code).aload(b).lload(at);
                    type.load(code).astore(x);
                    add(i, j, x, w, sums, begun);
                }
                advance(at, bTap);
            }
            advance(row, bRow);
        }
        code.lload(to).iload(step).i2l().lload(cStep).lmul().ladd().lstore(row);
        for (int r = 0; r < shape.rows(); r++) {
            code.lload(row).lstore(at);
            for (int s = 0; s < shape.columns(); s++) {
                int sum = sums[r * shape.columns() + s];
                emitter.body(input -> {
                    code.aload(input == 0 ? sum : extras[input - 1]);
                    return input == 0;
                });
                code.aload(emitter.result(0)).aload(c).lload(at);
                type.store(code);
                advance(at, cTap);
            }
            advance(row, cRow);
        }
        code.iinc(step, 1).goto_(next).labelBinding(end).return_();
    }

    private boolean isRead(int i, int j) {
        for (int r = 0; r < shape.rows(); r++) {
            for (int s = 0; s < shape.columns(); s++) {
                if (shape.tap(i, r, shape.height()) >= 0 && shape.tap(j, s, shape.width()) >= 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /// What the pixel adds to the sums that reach it.
    private void add(int i, int j, int x, int[] w, int[] sums, boolean[] begun) {
        for (int r = 0; r < shape.rows(); r++) {
            for (int s = 0; s < shape.columns(); s++) {
                int u = shape.tap(i, r, shape.height());
                int v = shape.tap(j, s, shape.width());
                if (u < 0 || v < 0) {
                    continue;
                }
                int sum = r * shape.columns() + s;
                code.aload(w[u * shape.width() + v]).aload(x);
                if (begun[sum]) {
                    code.aload(sums[sum]);
                    type.fma(code);
                } else {
                    type.multiply(code);
                }
                code.astore(sums[sum]);
                begun[sum] = true;
            }
        }
    }

    private void advance(int offset, int by) {
        code.lload(offset).lload(by).ladd().lstore(offset);
    }

    private int[] weights() {
        int segment = tile.segment("weights");
        int offset = tile.offset("weightsOff");
        int[] w = vectors(shape.height() * shape.width());
        for (int t = 0; t < w.length; t++) {
            type.species(code).aload(segment);
            TileCode.at(code, offset, (long) t * type.bytes());
            type.exact(type.load(code)).astore(w[t]);
        }
        return w;
    }

    private int[] extras() {
        int[] extras = vectors(shape.extras());
        for (int e = 0; e < extras.length; e++) {
            int segment = tile.segment("extra", e);
            int offset = tile.offset("extraOff", e);
            type.species(code).aload(segment).lload(offset);
            type.load(code).astore(extras[e]);
        }
        return extras;
    }

    private int[] vectors(int count) {
        return TileCode.locals(code, count, TypeKind.REFERENCE);
    }
}
