package dev.gatun.kernels.codegen;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Rehearsal;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// maths: what the kernel computes, on zeros, results thrown away.
/// layout: one tile, as small as the kernel allows.
/// blocking and why: a kernel gets to the optimising compiler by calls and by rounds of its loop, and interpreted vector
/// code is a thousand times slower than compiled: so the first calls, which are interpreted, have a sum of one term, and
/// only those after the first compilation have longer ones. The loop is never run so long in one call that it would be
/// compiled by itself, on the stack, first: that would take the compiler a third of a second for nothing.
/// registers: see the kernels.
/// evidence: docs/kernels-gemm.md.
final class TileRehearsal implements Rehearsal {
    /// HotSpot compiles a method for the first time after 200 calls.
    private static final Phase INTERPRETED = new Phase(220, 1);
    /// And for the last time after 600 calls if calls and rounds of loops are more than 15,000.
    private static final Phase PROFILED = new Phase(700, 32);
    /// Methods without a loop that a kernel calls are compiled for the last time after 5,000 calls.
    private static final Phase HELPED = new Phase(4400, 1);
    private static final Phase GLANCE = new Phase(3, 2);

    private static final int ROWS = 8;
    private static final int VECTOR_BYTES = 64;
    private static final int VECTORS = 4;
    private static final int A_BYTES = ROWS * PROFILED.length * Double.BYTES;
    private static final int B_BYTES = PROFILED.length * VECTORS * VECTOR_BYTES;

    private final MicroKernel kernel;
    private final VectorType type;
    private final Loop loop;
    private final int extras;
    private final boolean helped;
    private @Nullable Tile made;

    private record Phase(int calls, int length) {}

    /// What the loop of a kernel goes over, which decides whether many rounds of it fit into the memory of a rehearsal.
    enum Loop {
        /// The terms of a sum, or less than all vectors of a few rows.
        TERMS,
        /// The vectors of a row.
        VECTORS
    }

    /// Of a kernel with this loop, `extras` operands beside A, B and C, and methods that it calls if `helped`.
    TileRehearsal(MicroKernel kernel, VectorType type, Loop loop, int extras, boolean helped) {
        this.kernel = kernel;
        this.type = type;
        this.loop = loop;
        this.extras = extras;
        this.helped = helped;
    }

    @Override
    public long scratchBytes() {
        return A_BYTES + B_BYTES + (1L + extras) * B_BYTES;
    }

    @Override
    public void run(MemorySegment scratch) {
        Tile tile = tile(scratch);
        run(tile, INTERPRETED);
        run(tile, PROFILED);
        if (helped) {
            run(tile, HELPED);
        }
    }

    @Override
    public void glance(MemorySegment scratch) {
        run(tile(scratch), GLANCE);
    }

    private void run(Tile tile, Phase phase) {
        tile.k = phase.length;
        tile.rows = Math.min(phase.length, ROWS);
        // A stencil is to see that its loop goes round; its steps of 0 bytes read the same tile again.
        tile.steps = phase.length;
        tile.vectors = loop == Loop.VECTORS ? phase.length : Math.min(phase.length, VECTORS);
        for (int i = 0; i < phase.calls; i++) {
            kernel.run(tile);
        }
    }

    /// The tile of the last call, if that had the same memory.
    private Tile tile(MemorySegment scratch) {
        Tile tile = made;
        if (tile == null || !scratch.equals(tile.b)) {
            tile = new Tile();
            lay(tile, scratch);
            made = tile;
        }
        return tile;
    }

    private void lay(Tile tile, MemorySegment scratch) {
        scratch.asSlice(0, scratchBytes()).fill((byte) 0);
        ByteBuffer a = scratch.asSlice(0, A_BYTES).asByteBuffer().order(ByteOrder.nativeOrder());
        tile.a(type.dtype() == DType.F32 ? a.asFloatBuffer() : a.asDoubleBuffer());
        tile.holdRows(type.dtype());
        tile.aRow = PROFILED.length;
        Arrays.setAll(tile.rowAt, i -> i * PROFILED.length);
        tile.tapAt = IntStream.range(0, PROFILED.length).toArray();
        tile.b = scratch;
        tile.bOff = A_BYTES;
        tile.bRow = (long) VECTORS * type.bytes();
        tile.weights = scratch;
        tile.weightsOff = tile.bOff;
        tile.c = scratch;
        tile.cOff = (long) A_BYTES + B_BYTES;
        tile.cRow = tile.bRow;
        tile.tail = type.lanes() / 2;
        tile.extra = new MemorySegment[extras];
        Arrays.fill(tile.extra, scratch);
        tile.extraOff = new long[extras];
        Arrays.setAll(tile.extraOff, e -> A_BYTES + B_BYTES + (1L + e) * B_BYTES);
        tile.extraRow = new long[extras];
        Arrays.fill(tile.extraRow, tile.cRow);
    }
}
