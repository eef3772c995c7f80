package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.PackedProduct;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.Tiling;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// maths: W_ih·x + bias for blocks of steps, all rows of a block as one product.
/// layout: columns in the order of [Gates], rows by step and batch.
/// blocking and why: some 128 rows repay reading the weights, and their result stays in the second-level cache until the
/// steps have read it.
/// registers: see the micro-kernel.
/// evidence: docs/kernels-recurrent.md.
final class Projection {
    private static final int ROWS = 128;

    private final Machine machine;
    private final Gates gates;
    private final View x;
    private final Split blocks;
    private final long resultBytes;
    private final long workBytes;
    private Call[] calls = {};
    private MemorySegment work = MemorySegment.NULL;

    Projection(Machine machine, Gates gates, View x) {
        this.machine = machine;
        this.gates = gates;
        this.x = x;
        int steps = x.dim(0);
        int m = x.dim(1);
        blocks = new Split(steps, Math.clamp(Math.ceilDiv(ROWS, Math.max(m, 1)), 1, Math.max(steps, 1)));
        resultBytes = ForwardPass.round((blocks.count() == 0 ? 0 : blocks.largest()) * m * gates.rowBytes());
        long bytes = 0;
        for (int i = 0; i < Math.min(blocks.count(), 1); i++) {
            bytes = call(i, MemorySegment.NULL, MemorySegment.NULL, 0).scratchBytes();
        }
        workBytes = bytes;
    }

    /// The steps of each block.
    Split blocks() {
        return blocks;
    }

    /// Bytes of the result of a block and of what its product needs.
    long scratchBytes() {
        return resultBytes + workBytes;
    }

    /// For weights in `packed` and results from byte `at` of `scratch` on.
    void bind(MemorySegment packed, MemorySegment scratch, long at) {
        calls = new Call[blocks.count()];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = call(i, packed, scratch, at);
        }
        work = scratch.asSlice(at + resultBytes, workBytes);
    }

    private Call call(int block, MemorySegment packed, MemorySegment scratch, long at) {
        int m = x.dim(1);
        int rows = blocks.size(block) * m;
        long row = 4L * gates.in();
        Operand a = Operand.of(x.segment(), x.offset() + blocks.start(block) * m * row, row, 4);
        Operand c = Operand.of(scratch, at, gates.rowBytes(), 4);
        Operand bias = Operand.of(packed, gates.biasAt(), 0, 4);
        Extras extras = new Extras(List.of(bias));
        Tiling tiling = gates.tiling(rows);
        TileProduct.Cut cut = PackedProduct.cut(gates.in(), tiling, machine.blocking());
        TileProduct product = new TileProduct(
                machine.compiled(), tiling, TileProduct.Right.COLUMNS, 0, cut,
                Expr.input(0).plus(Expr.input(1)), extras);
        return new PackedProduct(
                machine.threads(), product, gates.in(), a, null, packed, c, extras, machine.blocking());
    }

    void run(int block) {
        calls[block].run(work);
    }
}
