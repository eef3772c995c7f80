package dev.gatun.kernels.codegen;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.MethodTypeDesc;

/// maths: `c[i, lane] = Σ b[i, p]·x[p]` over the p of that lane, for a few rows i and as many whole vectors as k has; the
/// caller adds up the lanes, in an order that does not depend on the compiler, and what is left of k.
/// layout: rows of the matrix (`b` of the tile) any stride apart, elements side by side, as those of x (its first extra).
/// blocking and why: none, every element of the matrix is read once: memory decides.
/// registers: one sum per row, one vector of x.
/// evidence: docs/kernels-gemm.md.
final class DotWriter {
    private final MicroKernels.DotShape shape;

    DotWriter(MicroKernels.DotShape shape) {
        this.shape = shape;
    }

    void write(ClassBuilder builder) {
        builder.withMethodBody("run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, this::run);
    }

    private void run(CodeBuilder code) {
        VectorType v = shape.type();
        TileCode tile = new TileCode(code);
        int b = tile.segment("b");
        int c = tile.segment("c");
        int x = tile.segment("extra", 0);
        int xOff = tile.offset("extraOff", 0);
        int bRow = tile.offset("bRow");
        int cOff = tile.offset("cOff");
        int vectors = tile.number("vectors");
        var zero = new ZeroVector(v, code);
        int[] rows = new int[shape.rows()];
        int[] sums = new int[shape.rows()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i == 0 ? tile.offset("bOff") : code.allocateLocal(TypeKind.LONG);
            if (i > 0) {
                code.lload(rows[i - 1]).lload(bRow).ladd().lstore(rows[i]);
            }
            sums[i] = code.allocateLocal(TypeKind.REFERENCE);
            zero.sum().astore(sums[i]);
        }
        int p = code.allocateLocal(TypeKind.INT);
        int at = code.allocateLocal(TypeKind.LONG);
        int factor = code.allocateLocal(TypeKind.REFERENCE);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(p).labelBinding(top).iload(p).iload(vectors).if_icmpge(end);
        code.iload(p).i2l().loadConstant((long) v.bytes()).lmul().lstore(at);
        step(code, b, x, xOff, at, rows, sums, factor);
        code.iinc(p, 1).goto_(top).labelBinding(end);
        for (int i = 0; i < rows.length; i++) {
            code.aload(sums[i]).aload(c);
            TileCode.at(code, cOff, (long) i * v.bytes());
            v.store(code);
        }
        code.return_();
    }

    private void step(
            CodeBuilder code, int b, int x, int xOff, int at, int[] rows, int[] sums, int factor) {
        VectorType v = shape.type();
        load(code, x, xOff, at);
        v.exact(code).astore(factor);
        for (int i = 0; i < rows.length; i++) {
            code.aload(factor);
            load(code, b, rows[i], at);
            code.aload(sums[i]);
            code.invokevirtual(
                    v.vector(), "fma", MethodTypeDesc.of(v.vector(), VectorType.VECTOR, VectorType.VECTOR));
            code.astore(sums[i]);
        }
    }

    private void load(CodeBuilder code, int segment, int offset, int at) {
        VectorType v = shape.type();
        v.species(code).aload(segment).lload(offset).lload(at).ladd();
        v.load(code);
    }
}
