package dev.gatun.kernels.conv;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.check.ConvCheck;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.image.Planes;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Convolutions with SIMD, F32. Looks at the shape and chooses the loops; every result has the same bits for any number
/// of threads, and for one algorithm also for any batch and with packed weights.
public final class VectorConv implements ConvKernels {
    private static final String LAYOUT = "vector rows";

    private final Machine machine;

    /// Convolutions on these threads, with micro-kernels that may be shared.
    public VectorConv(Threads threads, CacheSizes caches, MicroKernels compiled, Winograd allowed) {
        VectorType type = new VectorType(DType.F32, Lanes.F.vectorBitSize());
        machine = new Machine(threads, compiled, type, Blocking.of(caches, type), caches.l2(), allowed);
    }

    private VectorConv(Machine machine) {
        this.machine = machine;
    }

    @Override
    public ConvKernels with(Winograd allowed) {
        return new VectorConv(machine.with(allowed));
    }

    @Override
    public List<ConvAlgorithm> algorithms(ConvSpec spec, int[] x, int[] w, boolean packed) {
        return ConvCost.ranked(machine, spec, x, w, packed, ImageLayout.PLANES);
    }

    @Override
    public List<ConvAlgorithm> algorithms(ImageLayout images, ConvSpec spec, int[] x, int[] w) {
        return switch (images) {
            case PLANES -> algorithms(spec, x, w, true);
            case CHANNELS_LAST -> ChannelsLastConv.algorithms(machine, spec, x, w);
        };
    }

    @Override
    public Call forward(ConvSpec spec, View x, View w, View y, Epilogue epilogue) {
        // Checked before the sizes decide on an algorithm.
        ConvCheck.forward(spec, x, w, y, epilogue);
        return forward(spec, x, w, y, epilogue, algorithms(spec, x.dims(), w.dims(), false).getFirst());
    }

    @Override
    public Call forward(ConvSpec spec, View x, View w, View y, Epilogue epilogue, ConvAlgorithm algorithm) {
        ConvCheck.forward(spec, x, w, y, epilogue);
        ConvCheck.algorithm(spec, w.dims(), algorithm);
        Planes.requireF32("conv", x);
        return Forward.of(machine, spec, x, Weights.of(w), y, epilogue, algorithm, false);
    }

    @Override
    public long packedBytes(ImageLayout images, ConvSpec spec, View w, ConvAlgorithm algorithm) {
        ConvCheck.packedBytes(spec, w);
        ConvCheck.algorithm(spec, w.dims(), algorithm);
        Planes.requireF32("conv", w);
        boolean last = images == ImageLayout.CHANNELS_LAST;
        if (last) {
            ChannelsLastConv.require(spec, w.dims(), algorithm);
        }
        return switch (algorithm) {
            case DIRECT -> last ? ChannelsLastConv.bytes(machine, spec, w)
                    : w.dim(0) * Filter.rowBytes(w.dim(1) * w.dim(2) * w.dim(3));
            case WINOGRAD_2 -> filter(new TileOfTwo(), spec, w).bytes();
            case WINOGRAD_4 -> filter(new TileOfFour(), spec, w).bytes();
        };
    }

    private WinogradFilter filter(TileTransform transform, ConvSpec spec, View w) {
        return new WinogradFilter(transform, w.dim(0), w.dim(1), spec.groups(), false, machine.cache());
    }

    @Override
    public PackedFilter pack(
            ImageLayout images, ConvSpec spec, View w, ConvAlgorithm algorithm, MemorySegment memory) {
        ConvCheck.pack(spec, w, memory, packedBytes(images, spec, w, algorithm));
        switch (algorithm) {
            case DIRECT -> {
                if (images == ImageLayout.CHANNELS_LAST) {
                    ChannelsLastConv.pack(machine, spec, w, memory);
                    break;
                }
                long rowBytes = Filter.rowBytes(w.dim(1) * w.dim(2) * w.dim(3));
                for (int o = 0; o < w.dim(0); o++) {
                    Filter.copyRow(w, o, memory, o * rowBytes);
                }
            }
            case WINOGRAD_2 -> transform(filter(new TileOfTwo(), spec, w), w, memory);
            case WINOGRAD_4 -> transform(filter(new TileOfFour(), spec, w), w, memory);
        }
        return new PackedFilter(
                memory, w.dtype(), w.dim(0), w.dim(1), w.dim(2), w.dim(3), layout(images, spec, algorithm), algorithm,
                images);
    }

    private void transform(WinogradFilter filter, View w, MemorySegment memory) {
        Weights rows = Weights.of(w);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment scratch = arena.allocate(rows.copyBytes() + filter.scratchBytes(), 64);
            MemorySegment from = rows.copied() == null ? rows.segment() : scratch;
            for (int o = 0; o < rows.oc() && rows.copied() != null; o++) {
                Filter.copyRow(w, o, scratch, o * rows.rowBytes());
            }
            long[] starts = rows.starts(1, filter.groups());
            for (int chunk = 0; chunk < filter.groups() * filter.vectors(); chunk++) {
                int group = chunk / filter.vectors();
                filter.pack(
                        from, starts[group], rows.rowBytes(), group, chunk % filter.vectors(), memory,
                        0, scratch, rows.copyBytes());
            }
        }
    }

    private static String layout(ImageLayout images, ConvSpec spec, ConvAlgorithm algorithm) {
        return switch (algorithm) {
            case DIRECT -> images == ImageLayout.PLANES ? LAYOUT : "vector panels of pixels, groups " + spec.groups();
            case WINOGRAD_2 -> "vector tiles of 2×2, groups " + spec.groups();
            case WINOGRAD_4 -> "vector tiles of 4×4, groups " + spec.groups();
        };
    }

    @Override
    public Call forward(ConvSpec spec, View x, PackedFilter w, View y, Epilogue epilogue) {
        ConvCheck.packed(spec, x, w, y, epilogue, layout(w.images(), spec, w.algorithm()));
        ConvCheck.algorithm(spec, new int[] {w.oc(), w.c(), w.kh(), w.kw()}, w.algorithm());
        Planes.requireF32("conv", x);
        if (w.images() == ImageLayout.CHANNELS_LAST) {
            return ChannelsLastConv.forward(machine, spec, x, w, y, epilogue);
        }
        boolean direct = w.algorithm() == ConvAlgorithm.DIRECT;
        return Forward.of(machine, spec, x, Weights.of(w), y, epilogue, w.algorithm(), !direct);
    }

    @Override
    public Call chain(View x, List<ConvLink> links, View y) {
        ConvCheck.chain(x, links, y, link -> layout(ImageLayout.CHANNELS_LAST, link.spec(), ConvAlgorithm.DIRECT));
        Planes.requireF32("convChain", x);
        return ChannelsLastConv.chain(machine, x, links, y);
    }

    @Override
    public Call dataGradient(ConvSpec spec, View gy, View w, View gx) {
        ConvCheck.dataGradient(spec, gy, w, gx);
        Planes.requireF32("convDataGradient", gy);
        return new DataGradient(machine, spec, gy, w, gx);
    }

    @Override
    public Call weightGradient(ConvSpec spec, View x, View gy, View gw) {
        ConvCheck.weightGradient(spec, x, gy, gw);
        Planes.requireF32("convWeightGradient", x);
        int k = gw.dim(1) * gw.dim(2) * gw.dim(3);
        boolean rows = gw.dim(0) <= 2 * spec.groups() && spec.groups() > 1 && k > 0 && k <= RowProduct.LONGEST;
        Call stencil = rows ? DepthwiseWeights.of(machine, spec, x, gy, gw) : null;
        if (stencil != null) {
            return stencil;
        }
        return rows ? new RowWeights(machine, spec, x, gy, gw) : new WeightGradient(machine, spec, x, gy, gw);
    }
}
