package dev.gatun.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// maths: c = epilogue(A·x + beta·c) for one vector x.
/// layout: the elements of a row of A side by side, and those of x.
/// blocking and why: four rows at a time share the loads of x; A is read once, at the speed of memory.
/// registers: see the micro-kernel.
/// evidence: docs/kernels-gemm.md.
public final class DotProduct implements Call {
    private static final int ROWS = 4;
    private static final int CHUNK = 64;

    private final Threads threads;
    private final Problem p;
    private final VectorType type;
    private final int rest;
    private final @Nullable MicroKernel four;
    private final @Nullable MicroKernel one;
    private final @Nullable MicroKernel[] passes;
    private final Extras extras;
    private final int chunks;
    private final Tile[] tiles;
    private final Tile[] finishing;
    private final long workerBytes;
    private final Task multiplying = this::multiply;
    private MemorySegment scratch = MemorySegment.NULL;

    /// True when this is the way for a problem.
    public static boolean fits(Problem p) {
        int bytes = p.dtype().bytes();
        boolean shape = p.n() == 1 && p.k() > 1 && p.m() > 0 && p.a().column() == bytes && p.b().row() == bytes;
        boolean plain = p.expr().equals(Expr.input(0));
        return shape && !p.aliased() && (plain || (p.c().row() == bytes
                && p.extras().stream().allMatch(e -> e.row() == 0 || e.row() == bytes)));
    }

    /// For a problem that [#fits].
    public DotProduct(Threads threads, MicroKernels compiled, VectorType type, Problem p) {
        this.threads = threads;
        this.p = p;
        this.type = type;
        rest = p.k() % type.lanes();
        four = p.m() >= ROWS ? compiled.dot(type, ROWS) : null;
        one = p.m() % ROWS > 0 ? compiled.dot(type, 1) : null;
        // Turned: one row of C, whose columns are the rows of A.
        extras = new Extras(p.extras().stream()
                .map(e -> new Operand(e.segment(), e.starts(), 0, e.row()))
                .toList());
        passes = p.expr().equals(Expr.input(0))
                ? new @Nullable MicroKernel[2]
                : compiled.passes(
                        type, p.expr(), extras.kinds(), p.m() >= CHUNK || p.m() % type.lanes() == 0,
                        p.m() % type.lanes() != 0);
        chunks = Math.ceilDiv(p.m(), CHUNK);
        tiles = new Tile[threads.count()];
        finishing = new Tile[threads.count()];
        workerBytes = (long) ROWS * type.bytes();
        for (int i = 0; i < tiles.length; i++) {
            Tile tile = new Tile();
            tile.b = p.a().segment();
            tile.bRow = p.a().row();
            tile.extra = new MemorySegment[] {p.b().segment()};
            tile.extraOff = new long[1];
            tile.vectors = p.k() / type.lanes();
            tiles[i] = tile;
            Tile finish = new Tile();
            finish.c = p.c().segment();
            finish.rows = 1;
            extras.attach(finish);
            finishing[i] = finish;
        }
    }

    @Override
    public long scratchBytes() {
        return workerBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        threads.run(multiplying, chunks * p.c().batch());
    }

    private void multiply(int chunk, int worker) {
        int batch = chunk / chunks;
        int i0 = chunk % chunks * CHUNK;
        int i1 = Math.min(p.m(), i0 + CHUNK);
        Tile tile = tiles[worker];
        tile.c = scratch;
        tile.cOff = worker * workerBytes;
        tile.extraOff[0] = p.b().starts()[batch];
        for (int i = i0; i < i1;) {
            tile.bOff = p.a().starts()[batch] + i * tile.bRow;
            int rows = i1 - i >= ROWS ? ROWS : 1;
            MicroKernel kernel = rows == ROWS ? four : one;
            if (kernel != null) {
                kernel.run(tile);
            }
            for (int r = 0; r < rows; r++) {
                store(batch, i + r, tile.cOff + (long) r * type.bytes());
            }
            i += rows;
        }
        int tail = (i1 - i0) % type.lanes();
        MicroKernel pass = passes[tail == 0 ? 0 : 1];
        if (pass != null) {
            Tile finish = finishing[worker];
            finish.cOff = p.c().starts()[batch] + i0 * p.c().row();
            finish.vectors = Math.ceilDiv(i1 - i0, type.lanes());
            finish.tail = tail;
            extras.place(finish, batch, 0, i0);
            pass.run(finish);
        }
    }

    /// Adds the lanes up, half onto half, then what is left of k, and stores the sum.
    private void store(int batch, int row, long from) {
        MemorySegment c = OffHeap.of(p.c().segment());
        MemorySegment a = OffHeap.of(p.a().segment());
        MemorySegment x = OffHeap.of(p.b().segment());
        long to = p.c().starts()[batch] + row * p.c().row();
        long whole = (long) (p.k() - rest) * p.dtype().bytes();
        long aAt = p.a().starts()[batch] + row * p.a().row() + whole;
        long xAt = p.b().starts()[batch] + whole;
        if (p.dtype() == DType.F32) {
            float sum = floats(from, type.lanes());
            for (int i = 0; i < rest; i++) {
                sum = Math.fma(
                        a.get(JAVA_FLOAT_UNALIGNED, aAt + 4L * i), x.get(JAVA_FLOAT_UNALIGNED, xAt + 4L * i), sum);
            }
            c.set(
                    JAVA_FLOAT_UNALIGNED, to,
                    p.beta() == 0 ? sum : sum + (float) p.beta() * c.get(JAVA_FLOAT_UNALIGNED, to));
        } else {
            double sum = doubles(from, type.lanes());
            for (int i = 0; i < rest; i++) {
                sum = Math.fma(
                        a.get(JAVA_DOUBLE_UNALIGNED, aAt + 8L * i), x.get(JAVA_DOUBLE_UNALIGNED, xAt + 8L * i), sum);
            }
            c.set(
                    JAVA_DOUBLE_UNALIGNED, to,
                    p.beta() == 0 ? sum : sum + p.beta() * c.get(JAVA_DOUBLE_UNALIGNED, to));
        }
    }

    private float floats(long at, int lanes) {
        return switch (lanes) {
            case 16 -> (floats4(at, 16) + floats4(at + 8, 16)) + (floats4(at + 4, 16) + floats4(at + 12, 16));
            case 8 -> floats4(at, 8) + floats4(at + 4, 8);
            default -> floats4(at, 4);
        };
    }

    /// Four lanes `step` bytes apart.
    private float floats4(long at, long step) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        return (scratch.get(JAVA_FLOAT_UNALIGNED, at) + scratch.get(JAVA_FLOAT_UNALIGNED, at + 2 * step))
                + (scratch.get(JAVA_FLOAT_UNALIGNED, at + step) + scratch.get(JAVA_FLOAT_UNALIGNED, at + 3 * step));
    }

    private double doubles(long at, int lanes) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        return switch (lanes) {
            case 8 -> doubles4(at, 16) + doubles4(at + 8, 16);
            case 4 -> doubles4(at, 8);
            default -> scratch.get(JAVA_DOUBLE_UNALIGNED, at) + scratch.get(JAVA_DOUBLE_UNALIGNED, at + 8);
        };
    }

    private double doubles4(long at, long step) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        return (scratch.get(JAVA_DOUBLE_UNALIGNED, at) + scratch.get(JAVA_DOUBLE_UNALIGNED, at + 2 * step))
                + (scratch.get(JAVA_DOUBLE_UNALIGNED, at + step) + scratch.get(JAVA_DOUBLE_UNALIGNED, at + 3 * step));
    }
}
