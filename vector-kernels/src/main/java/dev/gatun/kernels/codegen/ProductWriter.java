package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import dev.gatun.kernels.expr.Expr;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/// maths: c[i, j] = epilogue(alpha·Σ_p a[i, p]·b[p, j] + beta·c[i, j]) for one register tile, p ascending.
/// layout: A and B with rows any stride apart, elements side by side, or A where tables say; a packed panel of B has no
/// gaps, several panels of one tile are any stride apart.
/// blocking and why: none inside; each element has one accumulator for all of p, so its bits depend on k alone.
/// registers: rows·vectors accumulators (at most 24), one row of B, one broadcast element of A.
/// evidence: 84 % of a Granite Rapids core's peak in short loops up to 128, more in long ones; docs/kernels-gemm.md.
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
        if (shape.extras().contains(MicroShape.Extra.ROWS)) {
            builder.withMethodBody("row", EpilogueCode.rowType(type), ClassFile.ACC_STATIC, this::row);
        }
        if (shape.accumulate()) {
            if (whole() > 0) {
                builder.withMethodBody("old", MicroKernels.RUN, 0,
                        code -> TileMoves.load(code, type, shape.rows(), whole()));
                builder.withMethodBody("store", MicroKernels.RUN, 0,
                        code -> TileMoves.store(code, type, shape.rows(), whole()));
            }
            if (shape.tail()) {
                builder.withMethodBody("oldEdge", MicroKernels.RUN, 0, this::oldEdge);
            }
        }
    }

    /// Vectors of a row that belong to C as a whole.
    private int whole() {
        return shape.tail() ? shape.vectors() - 1 : shape.vectors();
    }

    private void run(CodeBuilder code) {
        int mr = shape.rows();
        int nv = shape.vectors();
        TileCode tile = new TileCode(code);
        var zero = new ZeroVector(type, code);
        ProductLoop loop = new ProductLoop(shape, code, tile);
        int c = tile.segment("c");
        int cOff = tile.offset("cOff");
        int cRow = tile.offset("cRow");
        int mask = shape.tail() ? tile.mask(type) : -1;
        int edge = shape.tail() || shape.accumulate() ? tile.edge(type) : -1;
        int[] sums = TileCode.locals(code, mr * nv, TypeKind.REFERENCE);
        EpilogueCode epilogue =
                shape.epilogue().equals(Expr.input(0)) ? null : new EpilogueCode(shape, zero, tile, mask);
        if (epilogue != null) {
            epilogue.rows(self());
        }
        begin(zero, edge, sums);
        loop.write(sums);
        if (epilogue != null) {
            epilogue.apply(sums);
        }
        end(code, c, cOff, cRow, edge, sums);
        if (shape.tail()) {
            edge(code, edge, c, cOff, cRow, mask);
        }
        code.return_();
    }

    /// Beside vectors of the old C, stores by way of memory too: with 24 stores to a segment C2 ran out of nodes in processes
    /// with many types, left the last ones as calls and boxed their sums in every step of the loop.
    private void end(CodeBuilder code, int c, int cOff, int cRow, int edge, int[] sums) {
        int at = code.allocateLocal(TypeKind.LONG);
        code.lload(cOff).lstore(at);
        for (int i = 0; i < shape.rows(); i++) {
            for (int j = 0; j < shape.vectors(); j++) {
                code.aload(sums[i * shape.vectors() + j]);
                if (j == whole() || shape.accumulate()) {
                    int place = j == whole() ? i : Tile.wholeVector(i * whole() + j);
                    code.aload(edge).loadConstant(place * type.lanes()).invokevirtual(vector, "intoArray",
                            type.intoArray());
                } else {
                    code.aload(c);
                    TileCode.at(code, at, (long) j * type.bytes());
                    type.store(code);
                }
            }
            code.lload(at).lload(cRow).ladd().lstore(at);
        }
        if (shape.accumulate() && whole() > 0) {
            code.aload(0).aload(1).invokevirtual(self(), "store", MicroKernels.RUN);
        }
    }

    /// Stores the last vectors of all rows, left in the array `edge`, as far as they belong to C. A loop, so that C1 meets
    /// one masked store: it weighs as much as four and a half whole ones. A vector that ends behind the segment goes
    /// element by element: see [Tails].
    private void edge(CodeBuilder code, int edge, int c, int cOff, int cRow, int mask) {
        int i = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(i).labelBinding(top).iload(i).loadConstant(shape.rows() * type.lanes()).if_icmpge(end);
        Label outside = code.newLabel();
        Label next = code.newLabel();
        ifOutside(code, c, cOff, outside);
        type.species(code).aload(edge).iload(i);
        type.fromArray(code).aload(c);
        last(code, cOff);
        type.storeMasked(code, mask);
        code.goto_(next).labelBinding(outside).aload(edge).iload(i);
        code.aload(1).getfield(MicroKernels.TILE, "tail", CD_int).aload(c);
        last(code, cOff);
        Tails.put(code, type);
        code.labelBinding(next).lload(cOff).lload(cRow).ladd().lstore(cOff);
        code.iinc(i, type.lanes()).goto_(top).labelBinding(end);
    }

    /// Pushes where the last vector of the row at `at` begins.
    private void last(CodeBuilder code, int at) {
        TileCode.at(code, at, (long) (shape.vectors() - 1) * type.bytes());
    }

    /// Jumps when the last vector of the row at `at` ends behind the segment.
    private void ifOutside(CodeBuilder code, int c, int at, Label outside) {
        TileCode.at(code, at, (long) shape.vectors() * type.bytes());
        code.aload(c).invokeinterface(VectorType.SEGMENT, "byteSize", MethodTypeDesc.of(CD_long));
        code.lcmp().ifgt(outside);
    }

    private void begin(ZeroVector zero, int edge, int[] sums) {
        CodeBuilder code = zero.code();
        if (shape.accumulate() && shape.tail()) {
            code.aload(0).aload(1).invokevirtual(self(), "oldEdge", MicroKernels.RUN);
        }
        if (shape.accumulate() && whole() > 0) {
            code.aload(0).aload(1).invokevirtual(self(), "old", MicroKernels.RUN);
        }
        for (int i = 0; i < shape.rows(); i++) {
            for (int j = 0; j < shape.vectors(); j++) {
                if (shape.accumulate()) {
                    type.species(code);
                    int place = j == whole() ? i : Tile.wholeVector(i * whole() + j);
                    type.fromArray(code.aload(edge).loadConstant(place * type.lanes()));
                } else {
                    zero.push();
                }
                code.astore(sums[i * shape.vectors() + j]);
            }
        }
    }

    /// `void oldEdge(Tile)`: the last vectors of all rows of the old C into the array `edge`, as far as they belong to C.
    /// No vector goes in or out, so that nothing is boxed when C2 has no room left to inline it.
    private void oldEdge(CodeBuilder code) {
        TileCode tile = new TileCode(code);
        int c = tile.segment("c");
        int at = tile.offset("cOff");
        int cRow = tile.offset("cRow");
        int mask = tile.mask(type);
        int edge = tile.edge(type);
        int i = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(i).labelBinding(top).iload(i).loadConstant(shape.rows() * type.lanes()).if_icmpge(end);
        Label outside = code.newLabel();
        Label next = code.newLabel();
        ifOutside(code, c, at, outside);
        type.species(code);
        code.aload(c);
        last(code, at);
        type.loadMasked(code, mask);
        code.aload(edge).iload(i).invokevirtual(vector, "intoArray", type.intoArray());
        code.goto_(next).labelBinding(outside).aload(c);
        last(code, at);
        code.aload(edge).iload(i).aload(1).getfield(MicroKernels.TILE, "tail", CD_int);
        Tails.get(code, type);
        code.labelBinding(next).lload(at).lload(cRow).ladd().lstore(at);
        code.iinc(i, type.lanes()).goto_(top).labelBinding(end).return_();
    }

    /// `static float row(MemorySegment, long offset)`: one element of an extra, stretched like `old`.
    private void row(CodeBuilder code) {
        for (int i = 0; i < 28; i++) {
            code.nop();
        }
        code.aload(0);
        TileCode.layout(code, type);
        code.lload(1);
        TileCode.element(code, type);
        code.return_(TypeKind.from(type.element()));
    }

    private static ClassDesc self() {
        return MicroKernels.self("Product");
    }
}
