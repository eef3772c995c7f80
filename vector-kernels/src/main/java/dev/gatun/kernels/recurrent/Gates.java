package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.MatrixPanels;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.memory.Zeros;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Where the gates of a layer lie: units are cut into vectors, the last one padded with zeros, and the vectors of all
/// gates of the same units follow each other: `i₀ f₀ g₀ o₀ i₁ f₁ …`. So the columns of both products are interleaved, a
/// panel of the packed weights holds all gates of its units, and the cell reads what one register tile has just stored.
///
/// @param type element and vector width
/// @param cell which cell
/// @param in elements of an input row
/// @param hidden units
record Gates(VectorType type, RecurrentCell cell, int in, int hidden) {
    /// Vectors of units.
    int units() {
        return Math.ceilDiv(hidden, type.lanes());
    }

    /// Units, padded.
    int width() {
        return units() * type.lanes();
    }

    /// Columns of a product.
    int columns() {
        return cell.gates() * width();
    }

    /// Bytes of a row of a product.
    long rowBytes() {
        return (long) columns() * type.dtype().bytes();
    }

    /// Tiles of a product of `m` rows.
    Tiling tiling(int m) {
        boolean many = Tiling.widest(type) == 4;
        int gates = cell.gates();
        int nv = many ? gates == 3 ? 3 : 4 : gates == 4 ? 2 : gates;
        int mr = many ? 6 : 4;
        int vectors = columns() / type.lanes();
        return new Tiling(type, m, columns(), new Split(m, mr), new Split(vectors, Math.min(vectors, nv)));
    }

    /// Panels that have to stay together, so that the units between two of them are whole.
    int panelsOfUnit() {
        return Tiling.widest(type) == 4 || cell.gates() != 4 ? 1 : 2;
    }

    // The packed weights: panels for the input, panels for the state, bias of the input's product, bias of n's state
    // product (GRU).

    long hiddenAt() {
        return rowBytes() * in;
    }

    long biasAt() {
        return hiddenAt() + rowBytes() * hidden;
    }

    long newBiasAt() {
        return biasAt() + rowBytes();
    }

    long packedBytes() {
        return newBiasAt() + (long) width() * type.dtype().bytes();
    }

    /// Bytes of the rows in the new order that [Packing] makes on the way.
    long orderedBytes() {
        return rowBytes() * Math.max(in, hidden);
    }

    /// Packs plain weights. All memory is bound here, so that it can be run again and allocates nothing.
    static final class Packing {
        private final Gates gates;
        private final Threads threads;
        private final RecurrentWeights weights;
        private final MemorySegment to;
        private final MemorySegment ordered;
        private final MatrixPanels input;
        private final MatrixPanels state;
        private final Tile[] tiles;
        private final Split panels;
        private final Task packing = this::pack;
        private boolean ofInput;

        /// From `weights` to `to`, by way of `ordered`.
        Packing(
                Gates gates, Threads threads, MicroKernels compiled, RecurrentWeights weights, MemorySegment to,
                MemorySegment ordered) {
            this.gates = gates;
            this.threads = threads;
            this.weights = weights;
            this.to = to;
            this.ordered = ordered;
            Tiling tiling = gates.tiling(1);
            panels = tiling.columns();
            input = new MatrixPanels(compiled, tiling, Operand.of(ordered, 0, 4, 4L * gates.in));
            state = new MatrixPanels(compiled, tiling, Operand.of(ordered, 0, 4, 4L * gates.hidden));
            tiles = new Tile[threads.count()];
            for (int i = 0; i < tiles.length; i++) {
                tiles[i] = new Tile();
            }
        }

        void run() {
            for (int pass = 0; pass < 2; pass++) {
                ofInput = pass == 0;
                threads.run(packing, panels.count());
            }
            bias(gates.biasAt(), 0, gates.cell == RecurrentCell.GRU ? 2 : gates.cell.gates());
            if (gates.cell == RecurrentCell.GRU) {
                copy(weights.inputBias(), null, 2, gates.biasAt(), 2, 3);
                copy(weights.hiddenBias(), null, 2, gates.newBiasAt(), 0, 1);
            }
        }

        private void bias(long at, int first, int end) {
            for (int g = first; g < end; g++) {
                copy(weights.inputBias(), weights.hiddenBias(), g, at, g, gates.cell.gates());
            }
        }

        /// Gate `g` of `x + y`, zeros where there is none, to place `place` of `places`.
        private void copy(@Nullable View x, @Nullable View y, int g, long at, int place, int places) {
            MemorySegment to = OffHeap.of(this.to);
            int lanes = gates.type.lanes();
            for (int j = 0; j < gates.width(); j++) {
                float sum = value(x, g, j) + value(y, g, j);
                int column = (j / lanes * places + place) * lanes + j % lanes;
                to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * column, sum);
            }
        }

        private float value(@Nullable View bias, int g, int j) {
            return bias == null || j >= gates.hidden ? 0
                    : OffHeap.of(bias.segment()).get(
                            ValueLayout.JAVA_FLOAT_UNALIGNED, bias.offset() + 4L * (g * gates.hidden + j));
        }

        /// Copies the rows that make panel `j` into order, then turns them into a panel.
        private void pack(int j, int worker) {
            View from = ofInput ? weights.input() : weights.hidden();
            int k = from.dim(1);
            int count = gates.cell.gates();
            int lanes = gates.type.lanes();
            for (int v = panels.start(j); v < panels.start(j + 1); v++) {
                int unit = v / count * lanes;
                int rows = Math.clamp(gates.hidden - unit, 0, lanes);
                long source = from.offset() + 4L * k * (v % count * gates.hidden + unit);
                long target = 4L * k * lanes * v;
                MemorySegment.copy(from.segment(), source, ordered, target, 4L * k * rows);
                Zeros.fill(ordered, target + 4L * k * rows, 4L * k * (lanes - rows));
            }
            MatrixPanels source = ofInput ? input : state;
            long at = ofInput ? 0 : gates.hiddenAt();
            source.pack(0, j, 0, k, to, at + (long) panels.start(j) * gates.type.bytes() * k, tiles[worker]);
        }
    }

    static Gates of(VectorType type, RecurrentCell cell, RecurrentWeights w) {
        return new Gates(type, cell, w.input().dim(1), w.hidden().dim(1));
    }

    /// F32 vectors of this width.
    static VectorType type(int bits) {
        return new VectorType(DType.F32, bits);
    }
}
