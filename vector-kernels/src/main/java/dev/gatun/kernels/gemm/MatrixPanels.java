package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;
import java.lang.foreign.MemorySegment;

/// Panels of a matrix with any strides: vector copies where the elements of a row lie side by side, else blocks of
/// single elements.
public final class MatrixPanels implements PanelSource {
    private final Tiling tiling;
    private final Operand b;
    private final MicroKernel[] copies = new MicroKernel[4];

    /// Panels of B for this tiling.
    public MatrixPanels(MicroKernels compiled, Tiling tiling, Operand b) {
        this.tiling = tiling;
        this.b = b;
        if (b.column() == tiling.type().dtype().bytes()) {
            for (int j = 0; j < tiling.columns().count(); j++) {
                copies[kind(j)] = compiled.panel(tiling.type(), tiling.columns().size(j), tiling.hasTail(j));
            }
        }
    }

    private int kind(int j) {
        return (tiling.columns().size(j) == tiling.columns().largest() ? 0 : 1) + (tiling.hasTail(j) ? 2 : 0);
    }

    @Override
    public void pack(int batch, int panel, int p0, int p1, MemorySegment to, long toOff, Tile tile) {
        VectorType type = tiling.type();
        int bytes = type.dtype().bytes();
        long column = (long) tiling.columns().start(panel) * type.lanes();
        long from = b.starts()[batch] + p0 * b.row() + column * b.column();
        int vectors = tiling.columns().size(panel);
        int rows = p1 - p0;
        long apart = (long) rows * type.bytes();
        int done = 0;
        if (b.column() == bytes) {
            done = tiling.hasTail(panel) ? wholeRows(from, (long) vectors * type.bytes(), rows) : rows;
            tile.b = b.segment();
            tile.bOff = from;
            tile.bRow = b.row();
            tile.c = to;
            tile.cOff = toOff;
            tile.cRow = apart;
            tile.k = done;
            tile.tail = tiling.tail();
            copies[kind(panel)].run(tile);
        }
        for (int v = 0; v < vectors && done < rows; v++) {
            int first = v * type.lanes();
            int width = (int) Math.min(type.lanes(), tiling.n() - column - first);
            long at = toOff + v * apart + (long) done * type.bytes();
            Strided.copy(
                    bytes, width, rows - done, b.segment(), from + done * b.row() + first * b.column(), b.column(),
                    b.row(), to, at, bytes, type.bytes(), tile.held32);
            Strided.zero(
                    bytes, rows - done, type.lanes() - width, to, at + (long) width * bytes, type.bytes());
        }
    }

    /// Rows that may be read `width` bytes wide, beyond their end, without leaving the memory.
    private int wholeRows(long from, long width, int rows) {
        long room = b.segment().byteSize() - from - width;
        if (room < 0) {
            return 0;
        }
        return b.row() == 0 ? rows : (int) Math.min(rows, room / b.row() + 1);
    }
}
