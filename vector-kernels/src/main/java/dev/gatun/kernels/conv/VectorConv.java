package dev.gatun.kernels.conv;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.ConvCheck;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.image.Planes;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Convolutions with SIMD, F32. Looks at the shape and chooses the loops; every result has the same bits for any number
/// of threads and any batch, and with packed weights the bits of plain ones.
public final class VectorConv implements ConvKernels {
    private static final String LAYOUT = "vector rows";

    private final Machine machine;

    /// Convolutions on these threads, with micro-kernels that may be shared.
    public VectorConv(Threads threads, CacheSizes caches, MicroKernels compiled) {
        VectorType type = new VectorType(DType.F32, Lanes.F.vectorBitSize());
        machine = new Machine(threads, compiled, type, Blocking.of(caches, type));
    }

    @Override
    public Call forward(ConvSpec spec, View x, View w, View y, Epilogue epilogue) {
        ConvCheck.forward(spec, x, w, y, epilogue);
        Planes.requireF32("conv", x);
        return Forward.of(machine, spec, x, Weights.of(w), y, epilogue);
    }

    @Override
    public long packedBytes(ConvSpec spec, View w) {
        ConvCheck.packedBytes(spec, w);
        Planes.requireF32("conv", w);
        return w.dim(0) * Filter.rowBytes(w.dim(1) * w.dim(2) * w.dim(3));
    }

    @Override
    public PackedFilter pack(ConvSpec spec, View w, MemorySegment memory) {
        ConvCheck.pack(spec, w, memory, packedBytes(spec, w));
        long rowBytes = Filter.rowBytes(w.dim(1) * w.dim(2) * w.dim(3));
        for (int o = 0; o < w.dim(0); o++) {
            Filter.copyRow(w, o, memory, o * rowBytes);
        }
        return new PackedFilter(memory, w.dtype(), w.dim(0), w.dim(1), w.dim(2), w.dim(3), LAYOUT);
    }

    @Override
    public Call forward(ConvSpec spec, View x, PackedFilter w, View y, Epilogue epilogue) {
        ConvCheck.packed(spec, x, w, y, epilogue, LAYOUT);
        Planes.requireF32("conv", x);
        return Forward.of(machine, spec, x, Weights.of(w), y, epilogue);
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
        return rows ? new RowWeights(machine, spec, x, gy, gw) : new WeightGradient(machine, spec, x, gy, gw);
    }
}
