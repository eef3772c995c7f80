package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.CellLoop;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.gemm.Elements;
import dev.gatun.kernels.gemm.MatrixPanels;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.memory.Zeros;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// maths: from the last step to the first, the gradient of h from the gates of the step after it, dh = dgates·W_hh + what
/// passes h by, then the cell's derivative; afterwards the gradients of weights, biases and x from the gates of all
/// steps.
/// layout: gradients of gates as the weights have them, row-major, so that the products at the end are plain; GRU has
/// two of them, since its reset gate acts on a product.
/// blocking and why: W_hh packed once; a worker computes dh of its units and, right after, their cell; dh is nobody
/// else's. With [Shares] of units there is one dispatch and barrier per step, with shares of rows one for all steps. Sums
/// over steps are products of their own.
/// registers: see the micro-kernel and the program of the cell.
/// evidence: docs/kernels-recurrent.md.
final class BackwardPass implements Call {
    private final Threads threads;
    private final Machine machine;
    private final RecurrentSpec spec;
    private final View kept;
    private final View gy;
    private final RecurrentState gLast;
    private final RecurrentState gInitial;
    private final Lengths lengths;
    private final int m;
    private final int steps;
    private final int hidden;
    private final int lanes;
    private final long stateBytes;
    private final StepProduct product;
    private final MatrixPanels source;
    private final CellLoop loop;
    private final Shares shares;
    private final WeightGradients weightGradients;
    private final Memory memory;
    private final MemorySegment[][] segments;
    private final long[][] offsets;
    private final Tile[] tiles;
    private final Task packing = this::pack;
    private final Task allSteps = this::allSteps;
    private final Task oneStep = this::oneStep;
    private final Turns turns;
    private Buffer gateGradients = java.nio.FloatBuffer.allocate(0);

    // Written by the caller before it hands out chunks.
    private MemorySegment scratch = MemorySegment.NULL;
    private MemorySegment weightScratch = MemorySegment.NULL;
    private int now;

    /// Byte offsets in scratch memory, which begins with the panels of W_hh: the gradients of h and c, those of the gates for the input and
    /// for the state, lines of the workers.
    private record Memory(long h, long c, long input, long state, long lines, long lineBytes, long work) {}

    BackwardPass(
            Machine machine, RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, View kept, View gy,
            RecurrentState gLast, @Nullable View gx, RecurrentWeights gw, RecurrentState gInitial) {
        this.machine = machine;
        threads = machine.threads();
        this.spec = spec;
        this.kept = kept;
        this.gy = gy;
        this.gLast = gLast;
        this.gInitial = gInitial;
        steps = x.dim(0);
        m = x.dim(1);
        hidden = w.hidden().dim(1);
        this.lengths = new Lengths(spec, lengths, steps, m);
        lanes = machine.type().lanes();
        stateBytes = (long) Math.ceilDiv(hidden, lanes) * machine.type().bytes();
        int k = spec.cell().gates() * hidden;
        Tiling tiling = Tiling.of(machine.type(), m, hidden);
        source = new MatrixPanels(machine.compiled(), tiling, Operand.of(w.hidden()));
        // The tail of a row of dh is padding, so that tiles are whole.
        Tiling padded = Tiling.of(machine.type(), m, Math.ceilDiv(hidden, lanes) * lanes);
        product = new StepProduct(
                machine.compiled(), padded, machine.blocking(), k, true, k, stateBytes, threads.count());
        loop = machine.cells().backward(machine.type(), spec.cell());
        shares = Shares.of((long) m * k * hidden, padded.columns().count(), padded.rows().count(), threads.count());
        turns = new Turns(shares.count());
        boolean two = spec.cell() == RecurrentCell.GRU;
        long gateBytes = ForwardPass.round((long) steps * m * k * 4);
        long panelBytes = ForwardPass.round(tiling.rowBytes() * k);
        long state = ForwardPass.round(m * stateBytes);
        long input = panelBytes + 2 * state;
        long second = two ? input + gateBytes : input;
        int operands = CellMaths.backwardInputs(spec.cell()) + (spec.cell().hasCellState() ? 2 : 1)
                + (two ? 2 : 1) * spec.cell().gates();
        long lineBytes = hidden % lanes == 0 ? 0 : stateBytes * (1 + (two ? 2 : 1) * spec.cell().gates());
        long lines = second + gateBytes;
        memory = new Memory(
                panelBytes, panelBytes + state, input, second, lines, lineBytes,
                lines + lineBytes * threads.count());
        weightGradients = new WeightGradients(machine, spec, w, x, kept, gx, gw);
        segments = new MemorySegment[threads.count()][operands];
        offsets = new long[threads.count()][operands];
        tiles = new Tile[threads.count()];
        Arrays.setAll(tiles, _ -> new Tile());
    }

    @Override
    public long scratchBytes() {
        return memory.work + weightGradients.scratchBytes();
    }

    @Override
    public void run(MemorySegment given) {
        lengths.read();
        if (!given.equals(scratch)) {
            bind(given);
        }
        threads.run(packing, product.tiling().columns().count());
        fill(gLast.h(), memory.h);
        if (gLast.c() != null) {
            fill(gLast.c(), memory.c);
        }
        if (shares.areIndependent()) {
            threads.run(allSteps, shares.count());
        } else {
            for (now = steps - 1; now >= -1; now--) {
                turns.next();
                threads.run(oneStep, shares.count());
            }
        }
        store(memory.h, gInitial.h());
        View c = gInitial.c();
        if (c != null) {
            store(memory.c, c);
        }
        weightGradients.run(weightScratch);
    }

    private void bind(MemorySegment given) {
        scratch = given;
        weightScratch = given.asSlice(memory.work);
        int k = spec.cell().gates() * hidden;
        Operand a = Operand.of(given, memory.state, 4L * k, 4);
        gateGradients = Elements.of(a, steps * m, k, machine.type().dtype()).buffer();
        for (MemorySegment[] row : segments) {
            Arrays.fill(row, given);
            int at = spec.cell().hasCellState() ? 3 : 2;
            Arrays.fill(row, at, at + spec.cell().kept(), kept.segment());
            row[1] = memory.lineBytes == 0 ? gy.segment() : given;
        }
        weightGradients.bind(given, memory.input, memory.state);
    }

    private void pack(int panel, int worker) {
        int k = spec.cell().gates() * hidden;
        long at = (long) product.tiling().columns().start(panel) * machine.type().bytes() * k;
        source.pack(0, panel, 0, k, scratch, at, tiles[worker]);
    }

    private void fill(View from, long at) {
        Zeros.fill(scratch, at, m * stateBytes);
        for (int b = 0; b < m; b++) {
            MemorySegment.copy(
                    from.segment(), from.offset() + 4L * b * hidden, scratch, at + b * stateBytes, 4L * hidden);
        }
    }

    private void store(long at, View to) {
        for (int b = 0; b < m; b++) {
            MemorySegment.copy(scratch, at + b * stateBytes, to.segment(), to.offset() + 4L * b * hidden, 4L * hidden);
        }
    }

    private void allSteps(int chunk, int worker) {
        for (int s = steps - 1; s >= -1; s--) {
            step(s, chunk, worker);
        }
    }

    private void oneStep(int chunk, int worker) {
        step(now, turns.take(worker), worker);
    }

    private int time(int s) {
        return spec.reverse() ? steps - 1 - s : s;
    }

    /// A share of what step `s + 1` left for the gradient of h, and then of the cell of step `s`, if there are such.
    private void step(int s, int share, int worker) {
        int units = share % shares.units().count();
        int rows = share / shares.units().count();
        Tiling tiling = product.tiling();
        int i0 = shares.rows().start(rows);
        int i1 = shares.rows().start(rows + 1);
        int j0 = shares.units().start(units);
        int j1 = shares.units().start(units + 1);
        if (s + 1 < steps) {
            int k = spec.cell().gates() * hidden;
            product.run(
                    worker, gateGradients, time(s + 1) * m * k, scratch, 0, scratch, memory.h, i0, i1, j0, j1,
                    (s & 1) == 1);
        }
        int u0 = tiling.columns().start(j0);
        int u1 = tiling.columns().start(j1);
        for (int b = tiling.rows().start(i0); s >= 0 && b < tiling.rows().start(i1); b++) {
            if (lengths.isActive(b, time(s))) {
                cell(worker, time(s), b, u0, u1);
            } else {
                rest(time(s), b, u0, u1);
            }
        }
    }

    private void cell(int worker, int time, int b, int u0, int u1) {
        long[] o = offsets[worker];
        int bytes = machine.type().bytes();
        long unit = b * stateBytes + (long) u0 * bytes;
        long place = (long) time * m + b;
        long line = memory.lines + worker * memory.lineBytes;
        boolean staged = memory.lineBytes > 0;
        int at = 0;
        o[at++] = memory.h + unit;
        o[at++] = staged ? line : gy.offset() + 4 * (place * hidden + (long) u0 * lanes);
        if (spec.cell().hasCellState()) {
            o[at++] = memory.c + unit;
        }
        long keptLine = kept.dim(2) * 4L / spec.cell().kept();
        for (int i = 0; i < spec.cell().kept(); i++) {
            o[at++] = kept.offset() + place * kept.dim(2) * 4 + i * keptLine + (long) u0 * bytes;
        }
        o[at++] = memory.h + unit;
        if (spec.cell().hasCellState()) {
            o[at++] = memory.c + unit;
        }
        int first = at;
        for (int g = 0; at < o.length; g++) {
            o[at++] = staged ? line + (1 + g) * stateBytes : gate(g, place, u0);
        }
        if (staged) {
            MemorySegment.copy(
                    gy.segment(), gy.offset() + 4 * (place * hidden + (long) u0 * lanes), scratch, line, size(u0, u1));
        }
        loop.run(segments[worker], o, u1 - u0);
        for (int g = 0; staged && first + g < o.length; g++) {
            MemorySegment.copy(scratch, line + (1 + g) * stateBytes, scratch, gate(g, place, u0), size(u0, u1));
        }
    }

    /// Where gradient `g` of the gates lies: first those for the input, then those for the state.
    private long gate(int g, long place, int u0) {
        int gates = spec.cell().gates();
        long base = g < gates ? memory.input : memory.state;
        return base + 4 * ((place * gates + g % gates) * hidden + (long) u0 * lanes);
    }

    private long size(int u0, int u1) {
        return 4L * (Math.min(u1 * lanes, hidden) - u0 * lanes);
    }

    /// A step beyond the end of a row: the gradients of its state pass, the gates have none.
    private void rest(int time, int b, int u0, int u1) {
        int lists = memory.input == memory.state ? 1 : 2;
        for (int g = 0; g < lists * spec.cell().gates(); g++) {
            Zeros.fill(scratch, gate(g, (long) time * m + b, u0), size(u0, u1));
        }
    }
}
