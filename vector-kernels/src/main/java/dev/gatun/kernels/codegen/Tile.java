package dev.gatun.kernels.codegen;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.Buffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/// The arguments of a [MicroKernel], one object per worker, written before each call: an interface call with twenty
/// arguments would cost more than reading them from a warm cache line. Offsets and strides are bytes, but for A.
public final class Tile {
    /// Most terms of a row in [#rows32].
    public static final int TERMS = 256;
    /// From one row to the next in [#rows32]: 4096 bytes, or a divisor, would put all rows into the same sets of a cache.
    public static final int TERMS_APART = TERMS + 16;
    /// Most rows of a tile.
    private static final int ROWS = 8;
    /// Most vectors of a tile.
    private static final int SUMS = 24;

    /// A of element type F32. A buffer and not a segment, because its indices are ints: C2 takes their range checks out
    /// of a loop with a few instructions, those of long offsets with dozens.
    public FloatBuffer a32 = FloatBuffer.allocate(0);
    /// A of element type F64.
    public DoubleBuffer a64 = DoubleBuffer.allocate(0);
    /// The sums of a tile, row by row, as far as a kernel begins with them or leaves them here; behind them, from [#staged]
    /// on, single vectors of passes.
    public final float[] held32 = new float[(SUMS + 1 + Epilogue.MOST_EXTRAS) * 512 / Float.SIZE];
    /// The same for F64.
    public final double[] held64 = new double[(SUMS + 1 + Epilogue.MOST_EXTRAS) * 512 / Double.SIZE];
    /// Operands.
    public MemorySegment b = MemorySegment.NULL;
    /// Operands.
    public MemorySegment c = MemorySegment.NULL;
    /// Rows of A for kernels of [MicroShape.Rows#COPIED], [#TERMS_APART] elements apart, or the weights of a stencil; empty
    /// until [#holdRows] or [#holdWeights].
    public float[] rows32 = {};
    /// The same for F64.
    public double[] rows64 = {};
    /// Element (0, 0) of the tile's rows of A, in elements; the elements of a row lie side by side.
    public int aOff;
    /// From one row of A to the next, in elements; read by kernels of [MicroShape.Rows#EVEN].
    public int aRow;
    /// Where the rows of A begin, in elements from `aOff`; read by the other kernels.
    public int[] rowAt = new int[ROWS];
    /// Entry of `rowAt` for row 0 of the tile.
    public int row;
    /// Where the elements of a row of A lie, in elements from its beginning; read by kernels of
    /// [MicroShape.Rows#TAPPED].
    public int[] tapAt = new int[1];
    /// Entry of `tapAt` for the first term of the sum.
    public int tap;
    /// Element (0, 0) of the tile's columns of B; the elements of a row lie side by side.
    public long bOff;
    /// From one row of B to the next; or, where a tile takes several packed panels, from one panel to the next. Not read
    /// by kernels of one packed panel, whose rows follow each other.
    public long bRow;
    /// Element (0, 0) of the tile of C.
    public long cOff;
    /// From one row of C to the next.
    public long cRow;
    /// Filter of a [StencilShape]: its rows of weights, one after the other.
    public MemorySegment weights = MemorySegment.NULL;
    /// Weight (0, 0).
    public long weightsOff;
    /// From one row to the next, where a [StencilSumsShape] reads rows of a gradient in place of weights.
    public long weightsRow;
    /// From one tile of a stencil to the next, in B.
    public long bStep;
    /// From one pixel of a row to the next, in B; read by kernels of a [PixelStencilShape].
    public long bTap;
    /// From one pixel of a row to the next, in C; read by kernels of a [PixelStencilShape].
    public long cTap;
    /// From one tile of a stencil to the next, in C.
    public long cStep;
    /// Tiles of a stencil.
    public int steps;
    /// Length of the sums.
    public int k;
    /// Lanes of the last vector of a row that belong to the tile; read by kernels with a tail.
    public int tail;
    /// Rows of the tile; read by kernels that loop over them.
    public int rows;
    /// Vectors per row of the tile; read by kernels that loop over them.
    public int vectors;
    /// What was read of C only to bring it nearer; kept so that the compiler keeps the reads.
    public int seen;
    /// Epilogue extras.
    public MemorySegment[] extra = {};
    /// Per extra: its element for element (0, 0) of the tile.
    public long[] extraOff = {};
    /// Per extra: from one row to the next, 0 when all rows share it.
    public long[] extraRow = {};

    /// Which vector of [#held32] is for the last elements of a row of input `input` of an epilogue.
    static int staged(int input) {
        return SUMS + input;
    }

    /// Sets the first vectors that the tile holds to zeros.
    public void clear(VectorType type, int vectors) {
        if (type.dtype() == DType.F32) {
            Arrays.fill(held32, 0, vectors * type.lanes(), 0);
        } else {
            Arrays.fill(held64, 0, vectors * type.lanes(), 0);
        }
    }

    /// Makes room for copied rows, once.
    public void holdRows(DType dtype) {
        if (dtype == DType.F32 && rows32.length == 0) {
            rows32 = new float[ROWS * TERMS_APART];
        } else if (dtype == DType.F64 && rows64.length == 0) {
            rows64 = new double[ROWS * TERMS_APART];
        }
    }

    /// Copies the first `count` weights of a stencil to [#rows32]: each read of a segment is some 500 nodes to C2, and a
    /// filter of 7 × 7 read so left the sums boxed in some processes.
    public void holdWeights(int count) {
        if (rows32.length < count) {
            rows32 = new float[Math.max(count, ROWS * TERMS_APART)];
        }
        MemorySegment.copy(weights, ValueLayout.JAVA_FLOAT_UNALIGNED, weightsOff, rows32, 0, count);
    }

    /// Sets A.
    public void a(Buffer elements) {
        // Not a switch over patterns: that is a dynamic call, in every chunk of a product.
        if (elements instanceof FloatBuffer floats) {
            a32 = floats;
        } else if (elements instanceof DoubleBuffer doubles) {
            a64 = doubles;
        } else {
            throw new IllegalArgumentException("tile: A must be floats or doubles: " + elements);
        }
    }
}
