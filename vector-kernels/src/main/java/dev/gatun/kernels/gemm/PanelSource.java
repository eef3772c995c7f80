package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.Tile;
import java.lang.foreign.MemorySegment;

/// Where packed panels of B come from: a matrix, or an image that is laid out as one on the way (implicit im2col).
public interface PanelSource {
    /// Writes rows `p0 … p1 − 1` of panel `panel` of matrix `batch` to `to` at byte `toOff` as
    /// [TileProduct.Right#COLUMNS]: all rows of the panel's first vector of columns, then all of its second, whole vectors,
    /// zeros behind the last column. `tile` is the worker's own,
    /// for use as arguments; its content is not kept.
    void pack(int batch, int panel, int p0, int p1, MemorySegment to, long toOff, Tile tile);
}
