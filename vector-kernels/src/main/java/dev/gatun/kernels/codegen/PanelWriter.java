package dev.gatun.kernels.codegen;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.MethodTypeDesc;

/// maths: c[p, j] = b[p, j] for k rows, 0 behind the tail. Reads whole vectors, beyond the end of a row too.
/// layout: rows of B any stride apart → vectors of the panel one after the other, `cRow` apart, the rows of each side by
/// side.
/// blocking and why: none; a panel is written once and then read from cache many times.
/// registers: one vector at a time.
/// evidence: GemmTest packs and multiplies through it; docs/kernels-gemm.md.
final class PanelWriter {
    private final MicroKernels.PanelShape shape;

    PanelWriter(MicroKernels.PanelShape shape) {
        this.shape = shape;
    }

    void write(ClassBuilder type) {
        type.withMethodBody("run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, this::run);
    }

    private void run(CodeBuilder code) {
        VectorType v = shape.type();
        TileCode tile = new TileCode(code);
        int b = tile.segment("b");
        int c = tile.segment("c");
        int q = tile.offset("bOff");
        int bRow = tile.offset("bRow");
        int[] to = TileCode.locals(code, shape.vectors(), TypeKind.LONG);
        int cRow = tile.offset("cRow");
        code.lload(tile.offset("cOff")).lstore(to[0]);
        for (int j = 1; j < to.length; j++) {
            code.lload(to[j - 1]).lload(cRow).ladd().lstore(to[j]);
        }
        int k = tile.number("k");
        int mask = shape.tail() ? tile.mask(v) : -1;
        int last = code.allocateLocal(TypeKind.REFERENCE);
        int p = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        var zero = new ZeroVector(v, code);
        code.iconst_0().istore(p).labelBinding(top).iload(p).iload(k).if_icmpge(end);
        for (int j = 0; j < shape.vectors(); j++) {
            v.species(code);
            code.aload(b);
            TileCode.at(code, q, j * v.bytes());
            v.load(code);
            if (shape.tail() && j == shape.vectors() - 1) {
                code.astore(last);
                zero.push().aload(last).aload(mask);
                code.invokevirtual(
                        v.vector(), "blend", MethodTypeDesc.of(v.vector(), VectorType.VECTOR, VectorType.MASK));
            }
            code.aload(c);
            v.store(code.lload(to[j]));
            code.lload(to[j]).loadConstant((long) v.bytes()).ladd().lstore(to[j]);
        }
        code.lload(q).lload(bRow).ladd().lstore(q);
        code.iinc(p, 1).goto_(top).labelBinding(end).return_();
    }
}
