package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.gemm.Tiling;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// An epilogue on finished planes, as a product of no terms added to them. A plane is seen as rows of whole vectors
/// where it can be cut so.
final class PlaneFinish {
    private final int m;
    private final int width;
    private final Operand out;
    private final Extras extras;
    private final TileProduct product;

    /// @param out starts per b, `row` from one plane to the next
    PlaneFinish(Machine machine, int m, int pixels, int cols, Operand out, Expr epilogue, List<Operand> extras) {
        this.m = m;
        this.out = out;
        int cut = cols;
        for (int vectors = 1; vectors <= 4; vectors++) {
            cut = pixels % (vectors * VL) == 0 ? vectors * VL : cut;
        }
        width = cut;
        this.extras = byRows(extras);
        product = machine.finish(pixels / width, width, width % VL == 0 ? 4 : 2, epilogue, this.extras);
    }

    /// The operands as matrices, one per plane.
    private Extras byRows(List<Operand> extras) {
        List<Operand> rows = new ArrayList<>();
        for (Operand e : extras) {
            long[] starts = new long[out.batch() * m];
            for (int i = 0; i < starts.length; i++) {
                starts[i] = e.starts()[i / m] + i % m * e.row();
            }
            rows.add(new Operand(e.segment(), starts, e.column() * width, e.column()));
        }
        return rows.isEmpty() ? Extras.NONE : new Extras(rows);
    }

    void attach(Tile tile) {
        extras.attach(tile);
    }

    /// All planes of b.
    void run(Tile tile, int b, MemorySegment scratch, MemorySegment result) {
        tile.b = scratch;
        tile.c = result;
        tile.cRow = 4L * width;
        tile.k = 0;
        Tiling tiling = product.tiling();
        for (int i = 0; i < m; i++) {
            product.run(tile, Part.ONLY, 0, tiling.rows().count(), 0, tiling.columns().count(), 0, 0, 0, 0,
                    out.starts()[b] + i * out.row(), extras, b * m + i);
        }
    }
}
