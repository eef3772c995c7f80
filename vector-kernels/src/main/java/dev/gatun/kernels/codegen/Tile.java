package dev.gatun.kernels.codegen;

import java.lang.foreign.MemorySegment;

/// The arguments of a [MicroKernel], one object per worker, written before each call: an interface call with twenty
/// arguments would cost more than reading them from a warm cache line. Offsets and strides are bytes.
public final class Tile {
    /// Operands.
    public MemorySegment a = MemorySegment.NULL;
    /// Operands.
    public MemorySegment b = MemorySegment.NULL;
    /// Operands.
    public MemorySegment c = MemorySegment.NULL;
    /// Element (0, 0) of the tile's rows of A; the elements of a row lie side by side.
    public long aOff;
    /// From one row of A to the next.
    public long aRow;
    /// Element (0, 0) of the tile's columns of B; the elements of a row lie side by side.
    public long bOff;
    /// From one row of B to the next; not read by kernels of a packed panel, whose rows follow each other.
    public long bRow;
    /// Element (0, 0) of the tile of C.
    public long cOff;
    /// From one row of C to the next.
    public long cRow;
    /// Length of the sums.
    public int k;
    /// Lanes of the last vector of a row that belong to the tile; read by kernels with a tail.
    public int tail;
    /// Rows of the tile; read by kernels that loop over them.
    public int rows;
    /// Vectors per row of the tile; read by kernels that loop over them.
    public int vectors;
    /// Factor of the old C; read by kernels that scale it.
    public double beta = 1;
    /// Epilogue extras.
    public MemorySegment[] extra = {};
    /// Per extra: its element for element (0, 0) of the tile.
    public long[] extraOff = {};
    /// Per extra: from one row to the next, 0 when all rows share it.
    public long[] extraRow = {};
}
