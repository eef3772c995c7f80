package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.List;

/// maths: c[i, j] = epilogue(c[i, j], extras…) over one tile.
/// layout: rows any stride apart, elements side by side.
/// blocking and why: tile by tile, right after the tile was stored: it is still in the first-level cache.
/// registers: one vector and what its program needs.
/// evidence: docs/kernels-gemm.md.
final class PassWriter {
    private final MicroKernels.PassShape shape;
    private final VectorType type;

    PassWriter(MicroKernels.PassShape shape) {
        this.shape = shape;
        this.type = shape.type();
    }

    void write(ClassBuilder builder) {
        builder.withMethodBody("run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, this::run);
    }

    private void run(CodeBuilder code) {
        TileCode tile = new TileCode(code);
        int n = shape.extras().size();
        int c = tile.segment("c");
        int cOff = tile.offset("cOff");
        int cRow = tile.offset("cRow");
        int rows = tile.number("rows");
        int vectors = tile.number("vectors");
        int mask = shape.tail() ? tile.mask(type) : -1;
        int[] segments = new int[n];
        int[] offsets = new int[n];
        int[] steps = new int[n];
        for (int e = 0; e < n; e++) {
            segments[e] = tile.segment("extra", e);
            offsets[e] = tile.offset("extraOff", e);
            steps[e] = tile.offset("extraRow", e);
        }
        var emitter = new ProgramEmitter(ExprLowering.lower(type.dtype(), List.of(shape.epilogue())), type, code);
        emitter.constants();
        int i = code.allocateLocal(TypeKind.INT);
        int j = code.allocateLocal(TypeKind.INT);
        int at = code.allocateLocal(TypeKind.LONG);
        Label nextRow = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(i).labelBinding(nextRow).iload(i).iload(rows).if_icmpge(end);
        Label nextVector = code.newLabel();
        Label rowEnd = code.newLabel();
        code.iconst_0().istore(j).labelBinding(nextVector).iload(j).iload(vectors);
        if (shape.tail()) {
            code.iconst_1().isub();
        }
        code.if_icmpge(rowEnd);
        code.iload(j).i2l().loadConstant((long) type.bytes()).lmul().lstore(at);
        vector(code, emitter, c, cOff, segments, offsets, at, -1);
        code.iinc(j, 1).goto_(nextVector).labelBinding(rowEnd);
        if (shape.tail()) {
            code.iload(vectors).iconst_1().isub().i2l().loadConstant((long) type.bytes()).lmul().lstore(at);
            vector(code, emitter, c, cOff, segments, offsets, at, mask);
        }
        code.lload(cOff).lload(cRow).ladd().lstore(cOff);
        for (int e = 0; e < n; e++) {
            code.lload(offsets[e]).lload(steps[e]).ladd().lstore(offsets[e]);
        }
        code.iinc(i, 1).goto_(nextRow).labelBinding(end).return_();
    }

    private void vector(
            CodeBuilder code, ProgramEmitter emitter, int c, int cOff, int[] segments, int[] offsets, int at,
            int mask) {
        emitter.body(input -> {
            type.species(code);
            if (input > 0 && shape.extras().get(input - 1) == MicroShape.Extra.ROWS) {
                code.aload(segments[input - 1]);
                TileCode.layout(code, type);
                code.lload(offsets[input - 1]);
                TileCode.broadcast(code, type);
                return;
            }
            code.aload(input == 0 ? c : segments[input - 1]);
            code.lload(input == 0 ? cOff : offsets[input - 1]).lload(at).ladd();
            if (mask < 0) {
                type.load(code);
            } else {
                type.loadMasked(code, mask);
            }
        });
        code.aload(emitter.result(0)).aload(c).lload(cOff).lload(at).ladd();
        if (mask < 0) {
            type.store(code);
        } else {
            type.storeMasked(code, mask);
        }
    }
}
