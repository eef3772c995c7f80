package dev.gatun.kernels.codegen;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// maths: what the kernels compute, on zeros, results thrown away.
/// layout: one tile per worker, as small as the kernel allows.
/// blocking and why: a kernel gets to the optimising compiler by calls and by rounds of its loop, and interpreted vector
/// code is a thousand times slower than compiled: so the first calls, which are interpreted, have a sum of one term, and
/// only those after the first compilation have longer ones. The loop is never run so long in one call that it would be
/// compiled by itself, on the stack, first: that would take the compiler a third of a second for nothing.
/// registers: see the kernels.
/// evidence: docs/kernels-gemm.md.
final class Rehearsal implements Call {
    /// HotSpot compiles a method for the first time after 200 calls.
    private static final Phase INTERPRETED = new Phase(220, 1);
    /// And for the last time after 600 calls if calls and rounds of loops are more than 15,000.
    private static final Phase PROFILED = new Phase(700, 32);

    private static final int ROWS = 8;
    private static final int VECTOR_BYTES = 64;
    private static final int VECTORS = 4;
    private static final int A_BYTES = ROWS * PROFILED.length * Double.BYTES;
    private static final int B_BYTES = PROFILED.length * VECTORS * VECTOR_BYTES;

    private final Threads threads;
    private final List<Part> parts;

    private record Phase(int calls, int length) {}

    /// A kernel and what its arguments depend on.
    ///
    /// @param longRows its loop goes over the vectors of a row
    /// @param extras operands beside A, B and C
    record Part(MicroKernel kernel, VectorType type, boolean longRows, int extras) {}

    Rehearsal(Threads threads, List<Part> parts) {
        this.threads = threads;
        this.parts = List.copyOf(parts);
    }

    @Override
    public long scratchBytes() {
        int extras = parts.stream().mapToInt(Part::extras).max().orElse(0);
        return bytes(extras) * threads.count();
    }

    private static long bytes(int extras) {
        return A_BYTES + B_BYTES + (1L + extras) * B_BYTES;
    }

    @Override
    public void run(MemorySegment scratch) {
        scratch.asSlice(0, scratchBytes()).fill((byte) 0);
        long each = scratchBytes() / threads.count();
        for (Phase phase : List.of(INTERPRETED, PROFILED)) {
            threads.run((i, worker) -> run(parts.get(i), phase, scratch, worker * each), parts.size());
        }
    }

    private static void run(Part part, Phase phase, MemorySegment scratch, long at) {
        Tile tile = tile(part, scratch, at);
        tile.k = phase.length;
        tile.rows = Math.min(phase.length, ROWS);
        // A stencil is to see that its loop goes round; its steps of 0 bytes read the same tile again.
        tile.steps = phase.length;
        tile.vectors = part.longRows ? phase.length : Math.min(phase.length, VECTORS);
        for (int i = 0; i < phase.calls; i++) {
            part.kernel.run(tile);
        }
    }

    private static Tile tile(Part part, MemorySegment scratch, long at) {
        Tile tile = new Tile();
        ByteBuffer a = scratch.asSlice(at, A_BYTES).asByteBuffer().order(ByteOrder.nativeOrder());
        tile.a(part.type.dtype() == DType.F32 ? a.asFloatBuffer() : a.asDoubleBuffer());
        tile.holdRows(part.type.dtype());
        tile.aRow = PROFILED.length;
        Arrays.setAll(tile.rowAt, i -> i * PROFILED.length);
        tile.tapAt = IntStream.range(0, PROFILED.length).toArray();
        tile.b = scratch;
        tile.bOff = at + A_BYTES;
        tile.bRow = (long) VECTORS * part.type.bytes();
        tile.weights = scratch;
        tile.weightsOff = tile.bOff;
        tile.c = scratch;
        tile.cOff = at + A_BYTES + B_BYTES;
        tile.cRow = tile.bRow;
        tile.tail = part.type.lanes() / 2;
        tile.extra = new MemorySegment[part.extras];
        Arrays.fill(tile.extra, scratch);
        tile.extraOff = new long[part.extras];
        Arrays.setAll(tile.extraOff, e -> at + A_BYTES + B_BYTES + (1L + e) * B_BYTES);
        tile.extraRow = new long[part.extras];
        Arrays.fill(tile.extraRow, tile.cRow);
        return tile;
    }
}
