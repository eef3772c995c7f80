package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.MethodTypeDesc;

/// The loop of a product's kernel over the terms of its sums: one row of B, then row by row of A a repeated element times
/// that row of B.
final class ProductLoop {
    /// Terms that no sum has: the buffer of A ends before.
    private static final int NEVER = 1 << 30;

    private final MicroShape shape;
    private final VectorType type;
    private final CodeBuilder code;
    private final int a;
    private final int[] rows;
    private final int b;
    private final int bRow;
    private final int taps;
    private final int tap;
    private final int panel;
    private final int k;
    private final int together;
    private final int[] firsts;
    private final int[] bs;
    private final int[] xs;

    /// Puts what the loop needs of the tile into locals.
    ProductLoop(MicroShape shape, CodeBuilder code, TileCode tile) {
        this.shape = shape;
        this.code = code;
        type = shape.type();
        int nv = shape.vectors();
        a = shape.left() == MicroShape.Rows.COPIED ? tile.copiedRows(type) : tile.buffer(type);
        rows = switch (shape.left()) {
            case EVEN -> even(tile);
            case TABLED, TAPPED -> tabled(tile);
            case COPIED -> new int[0];
        };
        boolean tapped = shape.left() == MicroShape.Rows.TAPPED;
        taps = tapped ? tile.numbers("tapAt") : -1;
        tap = tapped ? tile.number("tap") : -1;
        b = tile.segment("b");
        panel = shape.packedB() ? shape.panel() : nv;
        firsts = new int[nv / panel];
        bRow = shape.packedB() && firsts.length == 1 ? -1 : tile.offset("bRow");
        firsts[0] = tile.offset("bOff");
        for (int s = 1; s < firsts.length; s++) {
            firsts[s] = code.allocateLocal(TypeKind.LONG);
            code.lload(firsts[s - 1]).lload(bRow).ladd().lstore(firsts[s]);
        }
        k = tile.number("k");
        together = together();
        bs = TileCode.locals(code, nv, TypeKind.REFERENCE);
        xs = TileCode.locals(code, shape.rows(), TypeKind.REFERENCE);
    }

    /// Locals with the first element of each row of A, rows evenly apart.
    private int[] even(TileCode tile) {
        int aRow = tile.number("aRow");
        int[] locals = new int[shape.rows()];
        locals[0] = tile.number("aOff");
        for (int i = 1; i < locals.length; i++) {
            locals[i] = code.allocateLocal(TypeKind.INT);
            code.iload(locals[i - 1]).iload(aRow).iadd().istore(locals[i]);
        }
        return locals;
    }

    /// The same, rows where the table says.
    private int[] tabled(TileCode tile) {
        int table = tile.numbers("rowAt");
        int first = tile.number("row");
        int aOff = tile.number("aOff");
        int[] locals = new int[shape.rows()];
        for (int i = 0; i < locals.length; i++) {
            locals[i] = code.allocateLocal(TypeKind.INT);
            code.iload(aOff).aload(table).iload(first).loadConstant(i).iadd().iaload().iadd().istore(locals[i]);
        }
        return locals;
    }

    /// Adds the terms to the vectors in the locals `sums`.
    void write(int[] sums) {
        int p = code.allocateLocal(TypeKind.INT);
        int next = shape.packedB() ? -1 : code.allocateLocal(TypeKind.LONG);
        Label top = code.newLabel();
        Label end = code.newLabel();
        if (next >= 0) {
            code.lload(firsts[0]).lstore(next);
        }
        code.iconst_0().istore(p).labelBinding(top).iload(p).iload(k).if_icmpge(end);
        term(p, next, sums, end);
        code.iinc(p, 1).goto_(top).labelBinding(end);
    }

    private void term(int p, int next, int[] sums, Label end) {
        int[] q = new int[firsts.length];
        for (int s = 0; s < q.length; s++) {
            q[s] = next;
            if (next < 0) {
                // A constant stride lets C2 take the range checks out of the loop.
                q[s] = code.allocateLocal(TypeKind.LONG);
                code.lload(firsts[s]).iload(p).i2l();
                code.loadConstant((long) panel * type.bytes()).lmul().ladd().lstore(q[s]);
            }
        }
        int column = p;
        if (taps >= 0) {
            column = code.allocateLocal(TypeKind.INT);
            code.aload(taps).iload(tap).iload(p).iadd().iaload().istore(column);
        }
        for (int from = 0; from < shape.rows(); from += together) {
            int to = Math.min(from + together, shape.rows());
            if (from > 0) {
                code.iload(p).loadConstant(NEVER + from).if_icmpeq(end);
            }
            // The buffer's methods are inlined only until C2 has made 18,000 nodes; those of vectors and segments always.
            // So they come first: behind the loads of B they were real calls, four times slower in all.
            for (int i = from; i < to; i++) {
                type.species(code).aload(a);
                element(i, column);
                type.broadcastUnknown(code).astore(xs[i]);
            }
            for (int j = 0; from == 0 && j < shape.vectors(); j++) {
                type.species(code);
                code.aload(b);
                TileCode.at(code, q[j / panel], (long) (j % panel) * type.bytes());
                type.load(code).astore(bs[j]);
            }
            for (int i = from; i < to; i++) {
                for (int j = 0; j < shape.vectors(); j++) {
                    int sum = sums[i * shape.vectors() + j];
                    code.aload(xs[i]).aload(bs[j]).aload(sum);
                    type.fma(code).astore(sum);
                }
            }
        }
        if (next >= 0) {
            code.lload(next).lload(bRow).ladd().lstore(next);
        }
    }

    /// Rows whose elements are read together. C2 reads all that a basic block needs at its beginning, and it unrolls short
    /// loops: with 16 registers that leaves too few for the sums, which then go through memory in every step. A jump that
    /// is never taken, to where the loop ends, begins a new block and keeps the loop from being unrolled; the conditions
    /// must differ, since C2 asks equal ones once. 6 × 2 at k = 256 on Zen 3: 65 → 96 GFLOP/s of 103.
    private int together() {
        int sums = shape.rows() * shape.vectors();
        if (type.manyRegisters() || sums < 8) {
            return shape.rows();
        }
        return sums + shape.vectors() + 2 <= 16 ? 2 : 1;
    }

    /// `…, a → …, element`: element `column` of row `i` of A.
    private void element(int i, int column) {
        if (shape.left() == MicroShape.Rows.COPIED) {
            code.iload(column).loadConstant(i * Tile.TERMS_APART).iadd();
            code.arrayLoad(TypeKind.from(type.element()));
        } else {
            code.iload(rows[i]).iload(column).iadd();
            code.invokevirtual(TileCode.bufferClass(type), "get", MethodTypeDesc.of(type.element(), CD_int));
        }
    }
}
