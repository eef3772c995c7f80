package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.expr.Expr;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;

/// maths: c[i, j] = epilogue(alpha·Σ_p a[i, p]·b[p, j] + beta·c[i, j]) for one register tile, p ascending.
/// layout: rows of A any stride apart, elements side by side; B a packed panel or rows any stride apart.
/// blocking and why: none inside; each element has one accumulator for all of p, so its bits depend on k alone.
/// registers: rows·vectors accumulators (at most 20), one row of B, one broadcast element of A.
/// evidence: 84 % of a Granite Rapids core's peak in short loops up to 128, more in long ones; docs/kernels.md.
final class ProductWriter {
    private final MicroShape shape;
    private final VectorType type;
    private final ClassDesc vector;

    ProductWriter(MicroShape shape) {
        this.shape = shape;
        this.type = shape.type();
        this.vector = type.vector();
    }

    void write(ClassBuilder builder) {
        builder.withMethodBody("run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, this::run);
        if (shape.start() != MicroShape.Start.ZERO) {
            builder.withMethodBody("old", oldType(), ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC, this::old);
        }
    }

    private MethodTypeDesc oldType() {
        return shape.tail()
                ? MethodTypeDesc.of(vector, MicroKernels.TILE, CD_int, CD_int, VectorType.MASK)
                : MethodTypeDesc.of(vector, MicroKernels.TILE, CD_int, CD_int);
    }

    private void run(CodeBuilder code) {
        int mr = shape.rows();
        int nv = shape.vectors();
        TileCode tile = new TileCode(code);
        int a = tile.segment("a");
        int b = tile.segment("b");
        int c = tile.segment("c");
        int aRow = tile.offset("aRow");
        int bOff = tile.offset("bOff");
        int bRow = shape.packedB() ? -1 : tile.offset("bRow");
        int cOff = tile.offset("cOff");
        int cRow = tile.offset("cRow");
        int k = tile.number("k");
        int mask = shape.tail() ? tile.mask(type) : -1;
        int[] rows = new int[mr];
        rows[0] = tile.offset("aOff");
        for (int i = 1; i < mr; i++) {
            rows[i] = code.allocateLocal(TypeKind.LONG);
            code.lload(rows[i - 1]).lload(aRow).ladd().lstore(rows[i]);
        }
        int[] sums = locals(code, mr * nv);
        for (int i = 0; i < mr; i++) {
            for (int j = 0; j < nv; j++) {
                if (shape.start() == MicroShape.Start.ZERO) {
                    type.species(code);
                    code.invokestatic(vector, "zero", MethodTypeDesc.of(vector, VectorType.SPECIES));
                } else {
                    code.aload(1).loadConstant(i).loadConstant(j);
                    if (shape.tail()) {
                        code.aload(mask);
                    }
                    code.invokestatic(self(), "old", oldType());
                }
                code.astore(sums[i * nv + j]);
            }
        }
        sumUp(code, a, rows, b, bOff, bRow, k, mask, sums);
        if (!shape.epilogue().equals(Expr.input(0))) {
            new EpilogueCode(shape, code, tile, mask).apply(sums);
        }
        for (int i = 0; i < mr; i++) {
            for (int j = 0; j < nv; j++) {
                code.aload(sums[i * nv + j]).aload(c);
                TileCode.at(code, cOff, (long) j * type.bytes());
                if (shape.tail() && j == nv - 1) {
                    type.storeMasked(code, mask);
                } else {
                    type.store(code);
                }
            }
            if (i < mr - 1) {
                code.lload(cOff).lload(cRow).ladd().lstore(cOff);
            }
        }
        code.return_();
    }

    private void sumUp(
            CodeBuilder code, int a, int[] rows, int b, int bOff, int bRow, int k, int mask, int[] sums) {
        int nv = shape.vectors();
        int[] bs = locals(code, nv);
        int x = code.allocateLocal(TypeKind.REFERENCE);
        int q = code.allocateLocal(TypeKind.LONG);
        int p = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.lload(bOff).lstore(q).iconst_0().istore(p);
        code.labelBinding(top).iload(p).iload(k).if_icmpge(end);
        if (shape.packedB()) {
            // A constant stride lets C2 take the range checks out of the loop.
            code.lload(bOff).iload(p).i2l().loadConstant((long) nv * type.bytes()).lmul().ladd().lstore(q);
        }
        for (int j = 0; j < nv; j++) {
            type.species(code);
            code.aload(b);
            TileCode.at(code, q, (long) j * type.bytes());
            if (shape.tail() && !shape.packedB() && j == nv - 1) {
                type.loadMasked(code, mask);
            } else {
                type.load(code);
            }
            code.astore(bs[j]);
        }
        for (int i = 0; i < shape.rows(); i++) {
            type.species(code);
            code.aload(a);
            TileCode.layout(code, type);
            code.lload(rows[i]).iload(p).i2l().loadConstant((long) type.dtype().bytes()).lmul().ladd();
            TileCode.broadcast(code, type).astore(x);
            for (int j = 0; j < nv; j++) {
                int sum = sums[i * nv + j];
                code.aload(x).aload(bs[j]).aload(sum);
                code.invokevirtual(
                        vector, "fma", MethodTypeDesc.of(vector, VectorType.VECTOR, VectorType.VECTOR));
                code.astore(sum);
            }
        }
        if (!shape.packedB()) {
            code.lload(q).lload(bRow).ladd().lstore(q);
        }
        code.iinc(p, 1).goto_(top).labelBinding(end);
    }

    /// `static Vector old(Tile, int i, int j[, VectorMask])`: vector j of row i of the old C. A method of its own, and
    /// of more than 35 bytecodes, because C1 inlines shorter ones and gives up on the sum of all accesses; called
    /// before the loop, because later C2 has passed its limit of nodes and inlines nothing more.
    private void old(CodeBuilder code) {
        type.species(code);
        code.aload(0).getfield(MicroKernels.TILE, "c", VectorType.SEGMENT);
        code.aload(0).getfield(MicroKernels.TILE, "cOff", CD_long);
        code.iload(1).i2l().aload(0).getfield(MicroKernels.TILE, "cRow", CD_long).lmul().ladd();
        code.iload(2).i2l().loadConstant((long) type.bytes()).lmul().ladd();
        if (shape.tail()) {
            Label whole = code.newLabel();
            Label done = code.newLabel();
            code.iload(2).loadConstant(shape.vectors() - 1).if_icmpne(whole);
            type.loadMasked(code, 3);
            code.goto_(done).labelBinding(whole);
            type.load(code);
            code.labelBinding(done);
        } else {
            type.load(code);
        }
        if (shape.start() == MicroShape.Start.SCALED) {
            type.species(code);
            code.aload(0).getfield(MicroKernels.TILE, "beta", CD_double);
            if (type.dtype() == DType.F32) {
                code.d2f();
            }
            type.broadcast(code).invokevirtual(vector, "mul", MethodTypeDesc.of(vector, VectorType.VECTOR));
        }
        code.areturn();
    }

    private static int[] locals(CodeBuilder code, int count) {
        int[] locals = new int[count];
        Arrays.setAll(locals, _ -> code.allocateLocal(TypeKind.REFERENCE));
        return locals;
    }

    private static ClassDesc self() {
        return ClassDesc.of(MicroKernels.class.getPackageName(), "ProductKernel");
    }
}
