package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.PassShape;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// An epilogue as a pass over finished planes, of which each is a row.
final class PlaneFinish {
    private final int m;
    private final int pixels;
    private final Operand out;
    private final Extras extras;
    private final MicroKernel pass;

    /// @param out starts per b, `row` from one plane to the next
    PlaneFinish(Machine machine, int m, int pixels, Operand out, Expr epilogue, List<Operand> extras) {
        this.m = m;
        this.pixels = pixels;
        this.out = out;
        this.extras = extras.isEmpty() ? Extras.NONE : new Extras(extras);
        pass = machine.compiled().pass(
                PassShape.over(machine.type(), pixels % VL > 0, epilogue, this.extras.kinds()));
    }

    void attach(Tile tile) {
        extras.attach(tile);
    }

    /// All planes of b.
    void run(Tile tile, int b, MemorySegment result) {
        tile.c = result;
        tile.cOff = out.starts()[b];
        tile.cRow = out.row();
        tile.rows = m;
        tile.vectors = Math.ceilDiv(pixels, VL);
        tile.tail = pixels % VL;
        extras.place(tile, b, 0, 0);
        pass.run(tile);
    }
}
