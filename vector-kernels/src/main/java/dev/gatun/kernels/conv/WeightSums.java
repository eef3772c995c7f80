package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.IOTA;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Maths: `gw[o, c, t] = Σ over parts sums[part][o][t, c]`, the parts added up in order.
/// Layout: sums panel by panel, a panel `[o][columns of the panel]`; a row of them is brought together in scratch memory
/// and turned round from there.
/// Blocking: one row of gw at a time.
/// Registers: one sum per part in turn. Evidence: docs/kernels-conv.md.
///
/// @param columns the panels, in vectors
/// @param oc rows of a panel
/// @param parts how many
record WeightSums(View gw, Split columns, int oc, int parts) {
    /// Blocks that are turned round at once.
    private static final int TRIP = 8;

    /// Bytes of a row of a panel.
    long rowBytes() {
        return (long) columns.largest() * BYTES;
    }

    /// Bytes of a panel.
    long panelBytes() {
        return oc * rowBytes();
    }

    /// Bytes of a part.
    long partBytes() {
        return columns.count() * panelBytes();
    }

    /// Bytes of scratch memory for [#add]: a row, which is read over its end, what turns it round, and blocks of rows.
    long scratchBytes() {
        return rowRoom() + Transposition.scratchBytes() + (long) TRIP * VL * BYTES;
    }

    private long rowRoom() {
        return (long) columns.total() * BYTES + 4L * VL * gw.dim(1) + BYTES;
    }

    /// Adds up row `o` of the group whose parts begin at byte `sums`, and stores it as row `to` of gw.
    void add(MemorySegment memory, long sums, int o, int to, long room) {
        for (int j = 0; j < columns.count(); j++) {
            sum(memory, sums + j * panelBytes() + o * rowBytes(), partBytes(), parts, columns.size(j),
                    room + (long) columns.start(j) * BYTES);
        }
        store(memory, room, gw.offset() + 4L * to * gw.stride(0));
    }

    /// No parts add up to zero.
    private static void sum(MemorySegment s, long first, long step, int parts, int vectors, long to) {
        s = OffHeap.of(s);
        for (int k = 0; k < vectors; k++) {
            long at = (long) k * BYTES;
            FloatVector v = parts == 0 ? FloatVector.zero(F) : fromMemorySegment(F, s, first + at, ORDER);
            for (int p = 1; p < parts; p++) {
                v = v.add(fromMemorySegment(F, s, first + p * step + at, ORDER));
            }
            v.intoMemorySegment(s, to + at, ORDER);
        }
    }

    /// Stores the row `[tap][channel]` as `[channel][tap]`.
    private void store(MemorySegment memory, long row, long to) {
        memory = OffHeap.of(memory);
        MemorySegment weights = OffHeap.of(gw.segment());
        int channels = gw.dim(1);
        int taps = gw.dim(2) * gw.dim(3);
        long step = 4L * gw.stride(1);
        if (taps == 1 && gw.stride(1) == 1) {
            MemorySegment.copy(memory, row, weights, to, 4L * channels);
            return;
        }
        if (channels < VL || taps > VL) {
            for (int c = 0; c < channels; c++) {
                for (int t = 0; t < taps; t++) {
                    float v = memory.get(FLOAT, row + 4L * (t * channels + c));
                    weights.set(FLOAT, to + c * step + 4L * t, v);
                }
            }
            return;
        }
        long turning = row + rowRoom();
        long blocks = turning + Transposition.scratchBytes();
        int whole = channels / VL;
        for (int b = 0; b < whole; b += TRIP) {
            int count = Math.min(TRIP, whole - b);
            Transposition.run(memory, row + (long) b * BYTES, 4L * channels, BYTES, memory, blocks, BYTES,
                    (long) VL * BYTES, count, memory, turning);
            rows(memory, blocks, count * VL, weights, to + (long) b * VL * step, step, taps);
        }
        if (channels % VL != 0) {
            int c = channels - VL;
            Transposition.run(
                    memory, row + 4L * c, 4L * channels, 0, memory, blocks, BYTES, 0, 1, memory, turning);
            rows(memory, blocks, VL, weights, to + c * step, step, taps);
        }
    }

    /// `count` rows of `taps` numbers.
    private static void rows(
            MemorySegment s, long from, int count, MemorySegment to, long at, long step, int taps) {
        s = OffHeap.of(s);
        to = OffHeap.of(to);
        VectorMask<Float> mask = IOTA.compare(LT, (float) taps);
        for (int r = 0; r < count; r++) {
            fromMemorySegment(F, s, from + (long) r * BYTES, ORDER).intoMemorySegment(to, at + r * step, ORDER, mask);
        }
    }
}
