package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Elements;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.memory.Zeros;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import org.jspecify.annotations.Nullable;

/// maths: for every step, gates = (W_ih·x + biases) + W_hh·h, then the cell of [CellMaths].
/// layout: gates interleaved by vectors of units ([Gates]); states padded to whole vectors, in two buffers by turns.
/// blocking and why: the input's products of some 128 rows as one product, so that the weights are read once for all and
/// the result stays in cache; the state's weights are packed and stay in the second-level cache. A worker computes the
/// product of its units and, right after, their cell: with [Shares] of units one dispatch and barrier per step, with
/// shares of rows one for all steps of such a block.
/// registers: see the micro-kernel and the program of the cell.
/// evidence: docs/kernels-recurrent.md.
final class ForwardPass implements Call {
    private final Machine machine;
    private final Threads threads;
    private final RecurrentSpec spec;
    private final Gates gates;
    private final @Nullable RecurrentWeights weights;
    private final @Nullable RecurrentState initial;
    private final View y;
    private final RecurrentState last;
    private final @Nullable View kept;
    private final Lengths lengths;
    private final int m;
    private final int steps;
    private final Projection projection;
    private final StepProduct product;
    private final CellMaths.Stage[] stages;
    private final Shares shares;
    private final int panelsOfUnit;
    private final Memory memory;
    private final long[][] places;
    private final MemorySegment[][][] segments;
    private final long[][][] offsets;
    private final Task blockSteps = this::blockSteps;
    private final Task oneStep = this::oneStep;
    private final Turns turns;
    private final Buffer[] states = new Buffer[2];

    // Written by the caller before it hands out chunks.
    private MemorySegment scratch = MemorySegment.NULL;
    private MemorySegment packed;
    private Gates.@Nullable Packing packing;
    private int first;
    private int size;
    private int before;
    private int now;

    /// Byte offsets in scratch memory.
    private record Memory(long ordered, long[] h, long c, long gates, long projection) {}

    /// With `weights` to pack in every run, or `packed` ones.
    ForwardPass(
            Machine machine, RecurrentSpec spec, Gates gates, @Nullable RecurrentWeights weights, MemorySegment packed,
            View x, @Nullable View lengths, @Nullable RecurrentState initial, View y, RecurrentState last,
            @Nullable View kept) {
        threads = machine.threads();
        this.spec = spec;
        this.gates = gates;
        this.initial = initial;
        this.y = y;
        this.last = last;
        this.kept = kept;
        this.packed = packed;
        this.weights = weights;
        this.machine = machine;
        steps = x.dim(0);
        m = x.dim(1);
        this.lengths = new Lengths(spec, lengths, steps, m);
        projection = new Projection(machine, gates, x);
        long state = m * stateBytes();
        long packedBytes = weights == null ? 0 : round(gates.packedBytes());
        long orderedBytes = weights == null ? 0 : round(gates.orderedBytes());
        long h = packedBytes + orderedBytes;
        memory = new Memory(
                packedBytes, new long[] {h, h + round(state)}, h + 2 * round(state), h + 3 * round(state),
                h + 3 * round(state) + round(m * gates.rowBytes()));
        Tiling tiling = gates.tiling(m);
        product = new StepProduct(
                machine.compiled(), tiling, machine.blocking(), gates.hidden(), false, gates.width(), gates.rowBytes(),
                threads.count());
        stages = machine.cells().forward(machine.type(), spec.cell(), kept != null)
                .toArray(CellMaths.Stage[]::new);
        panelsOfUnit = gates.panelsOfUnit();
        shares = Shares.of(
                (long) m * gates.columns() * gates.hidden(), tiling.columns().count() / panelsOfUnit,
                tiling.rows().count(), threads.count());
        turns = new Turns(shares.count());
        int operands = CellMaths.kept(spec.cell()) + (kept == null ? 0 : spec.cell().kept());
        places = new long[threads.count()][operands];
        segments = new MemorySegment[threads.count()][stages.length][];
        offsets = new long[threads.count()][stages.length][];
        for (int i = 0; i < threads.count(); i++) {
            for (int s = 0; s < stages.length; s++) {
                segments[i][s] = new MemorySegment[stages[s].operands().length];
                offsets[i][s] = new long[stages[s].operands().length];
            }
        }
    }

    static long round(long bytes) {
        return bytes + 63 & -64;
    }

    private long stateBytes() {
        return (long) gates.width() * 4;
    }

    @Override
    public long scratchBytes() {
        return memory.projection + projection.scratchBytes();
    }

    @Override
    public void run(MemorySegment given) {
        lengths.read();
        if (!given.equals(scratch)) {
            bind(given);
        }
        if (packing != null) {
            packing.run();
        }
        begin();
        Split blocks = projection.blocks();
        for (int i = 0; i < blocks.count(); i++) {
            int block = spec.reverse() ? blocks.count() - 1 - i : i;
            projection.run(block);
            first = blocks.start(block);
            size = blocks.size(block);
            if (shares.areIndependent()) {
                threads.run(blockSteps, shares.count());
            } else {
                for (now = 0; now < size; now++) {
                    turns.next();
                    threads.run(oneStep, shares.count());
                }
            }
            before += size;
        }
        end();
    }

    private void bind(MemorySegment given) {
        scratch = given;
        RecurrentWeights plain = weights;
        if (plain != null) {
            packed = given;
            packing = new Gates.Packing(
                    gates, threads, machine.compiled(), plain, given,
                    given.asSlice(memory.ordered, round(gates.orderedBytes())));
        }
        projection.bind(packed, given, memory.projection);
        for (int i = 0; i < 2; i++) {
            Operand h = Operand.of(given, memory.h[i], stateBytes(), 4);
            states[i] = Elements.of(h, m, gates.width(), machine.type().dtype()).buffer();
        }
        for (MemorySegment[][] worker : segments) {
            for (int i = 0; i < stages.length; i++) {
                for (int o = 0; o < worker[i].length; o++) {
                    worker[i][o] = segment(stages[i].operands()[o]);
                }
            }
        }
    }

    private MemorySegment segment(int operand) {
        View keep = kept;
        if (keep != null && operand >= CellMaths.kept(spec.cell())) {
            return keep.segment();
        }
        boolean bias = spec.cell() == RecurrentCell.GRU && operand == CellMaths.other(spec.cell());
        return bias ? packed : scratch;
    }

    private void begin() {
        before = 0;
        RecurrentState from = initial;
        fill(from == null ? null : from.h(), memory.h[0]);
        if (spec.cell().hasCellState()) {
            fill(from == null ? null : from.c(), memory.c);
        }
    }

    /// Rows of a state into padded rows; zeros for none. The padding stays zero: a gate of zeros keeps a state of zero.
    private void fill(@Nullable View from, long at) {
        Zeros.fill(scratch, at, m * stateBytes());
        for (int b = 0; from != null && b < m; b++) {
            MemorySegment.copy(
                    from.segment(), from.offset() + 4L * b * gates.hidden(), scratch, at + b * stateBytes(),
                    4L * gates.hidden());
        }
    }

    private void end() {
        store(memory.h[before & 1], last.h());
        View c = last.c();
        if (c != null) {
            store(memory.c, c);
        }
    }

    private void store(long at, View to) {
        for (int b = 0; b < m; b++) {
            MemorySegment.copy(
                    scratch, at + b * stateBytes(), to.segment(), to.offset() + 4L * b * gates.hidden(),
                    4L * gates.hidden());
        }
    }

    /// A share of all steps of the block.
    private void blockSteps(int chunk, int worker) {
        for (int s = 0; s < size; s++) {
            step(s, chunk, worker);
        }
    }

    private void oneStep(int chunk, int worker) {
        step(now, turns.take(worker), worker);
    }

    /// Share `share` of step `s` of the block.
    private void step(int s, int share, int worker) {
        int inside = spec.reverse() ? size - 1 - s : s;
        int turn = before + s & 1;
        int units = share % shares.units().count();
        int rows = share / shares.units().count();
        Tiling tiling = product.tiling();
        int i0 = shares.rows().start(rows);
        int i1 = shares.rows().start(rows + 1);
        int j0 = shares.units().start(units) * panelsOfUnit;
        int j1 = shares.units().start(units + 1) * panelsOfUnit;
        product.run(
                worker, states[turn], 0, packed, gates.hiddenAt(), scratch, memory.gates, i0, i1, j0, j1, turn == 1);
        int u0 = tiling.columns().start(j0) / spec.cell().gates();
        int u1 = tiling.columns().start(j1) / spec.cell().gates();
        for (int b = tiling.rows().start(i0); b < tiling.rows().start(i1); b++) {
            if (lengths.isActive(b, first + inside)) {
                cell(worker, inside, turn, b, u0, u1);
            } else {
                rest(first + inside, turn, b, u0, u1);
            }
        }
    }

    private void cell(int worker, int inside, int turn, int b, int u0, int u1) {
        long[] o = places[worker];
        int bytes = gates.type().bytes();
        int count = spec.cell().gates();
        int time = first + inside;
        long gate = b * gates.rowBytes() + (long) u0 * count * bytes;
        long projected = memory.projection + (long) inside * m * gates.rowBytes() + gate;
        for (int g = 0; g < count; g++) {
            o[g] = projected + (long) g * bytes;
            o[count + g] = memory.gates + gate + (long) g * bytes;
        }
        long unit = b * stateBytes() + (long) u0 * bytes;
        long next = memory.h[turn ^ 1] + unit;
        o[CellMaths.oldState(spec.cell())] = memory.h[turn] + unit;
        o[CellMaths.other(spec.cell())] =
                spec.cell() == RecurrentCell.GRU ? gates.newBiasAt() + (long) u0 * bytes : memory.c + unit;
        o[CellMaths.newState(spec.cell())] = next;
        View keep = kept;
        if (keep != null) {
            long line = keep.dim(2) * 4L / spec.cell().kept();
            long at = keep.offset() + ((long) time * m + b) * keep.dim(2) * 4 + (long) u0 * bytes;
            for (int i = 0; i < spec.cell().kept(); i++) {
                o[CellMaths.kept(spec.cell()) + i] = at + i * line;
            }
        }
        for (int i = 0; i < stages.length; i++) {
            long[] starts = offsets[worker][i];
            int[] operands = stages[i].operands();
            for (int k = 0; k < starts.length; k++) {
                starts[k] = o[operands[k]];
            }
            stages[i].loop().run(segments[worker][i], starts, u1 - u0);
        }
        MemorySegment.copy(scratch, next, y.segment(), place(time, b, u0), size(u0, u1));
    }

    private long place(int time, int b, int u0) {
        return y.offset() + 4L * (((long) time * m + b) * gates.hidden() + (long) u0 * gates.type().lanes());
    }

    /// Bytes of these units that are there.
    private long size(int u0, int u1) {
        int lanes = gates.type().lanes();
        return 4L * (Math.min(u1 * lanes, gates.hidden()) - u0 * lanes);
    }

    /// A step beyond the end of a row: the state stays.
    private void rest(int time, int turn, int b, int u0, int u1) {
        int bytes = gates.type().bytes();
        long unit = b * stateBytes() + (long) u0 * bytes;
        long bytesOfUnits = (long) (u1 - u0) * bytes;
        MemorySegment.copy(scratch, memory.h[turn] + unit, scratch, memory.h[turn ^ 1] + unit, bytesOfUnits);
        Zeros.fill(y.segment(), place(time, b, u0), size(u0, u1));
        View keep = kept;
        if (keep != null) {
            long line = keep.dim(2) * 4L / spec.cell().kept();
            long at = keep.offset() + ((long) time * m + b) * keep.dim(2) * 4 + (long) u0 * bytes;
            for (int i = 0; i < spec.cell().kept(); i++) {
                Zeros.fill(keep.segment(), at + i * line, bytesOfUnits);
            }
        }
    }
}
