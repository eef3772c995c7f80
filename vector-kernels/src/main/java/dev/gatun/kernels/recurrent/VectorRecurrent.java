package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.GemmKernels;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.RecurrentKernels;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.ReduceKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.RecurrentCheck;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.image.Planes;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Recurrent layers with SIMD, F32: see [ForwardPass] and [BackwardPass].
public final class VectorRecurrent implements RecurrentKernels {
    private final Machine machine;
    private final String layout;

    /// With a vector width of 128, 256 or 512 bits, and kernels that may be shared.
    public VectorRecurrent(
            Threads threads, int bits, CacheSizes caches, MicroKernels compiled, GemmKernels gemm,
            ReduceKernels reduce) {
        VectorType type = Gates.type(bits);
        machine = new Machine(threads, type, Blocking.of(caches, type), compiled, new CellMaths(), gemm, reduce);
        layout = "interleaved gates, vectors of " + bits + " bits";
    }

    @Override
    public Call forward(
            RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last, @Nullable View kept) {
        RecurrentCheck.forward(spec, w, x, lengths, initial, y, last, kept);
        Planes.requireF32(RecurrentCheck.op(spec), x);
        Gates gates = Gates.of(machine.type(), spec.cell(), w);
        return new ForwardPass(machine, spec, gates, w, MemorySegment.NULL, x, lengths, initial, y, last, kept);
    }

    @Override
    public long packedBytes(RecurrentSpec spec, RecurrentWeights w) {
        RecurrentCheck.packedBytes(spec, w);
        Planes.requireF32(RecurrentCheck.op(spec), w.input());
        return Gates.of(machine.type(), spec.cell(), w).packedBytes();
    }

    @Override
    public PackedRecurrent pack(RecurrentSpec spec, RecurrentWeights w, MemorySegment memory) {
        RecurrentCheck.pack(spec, w, memory, packedBytes(spec, w));
        Gates gates = Gates.of(machine.type(), spec.cell(), w);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment ordered = arena.allocate(gates.orderedBytes(), 64);
            new Gates.Packing(gates, machine.threads(), machine.compiled(), w, memory, ordered).run();
        }
        return new PackedRecurrent(
                memory, w.input().dtype(), spec.cell(), gates.in(), gates.hidden(), w.inputBias() != null, layout);
    }

    @Override
    public Call forward(
            RecurrentSpec spec, PackedRecurrent w, View x, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last) {
        RecurrentCheck.packed(spec, w, x, lengths, initial, y, last, layout);
        Gates gates = new Gates(machine.type(), spec.cell(), w.in(), w.hidden());
        return new ForwardPass(machine, spec, gates, null, w.memory(), x, lengths, initial, y, last, null);
    }

    @Override
    public Call backward(
            RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, View kept, View gy,
            RecurrentState gLast, @Nullable View gx, RecurrentWeights gw, RecurrentState gInitial) {
        RecurrentCheck.backward(spec, w, x, lengths, kept, gy, gLast, gx, gw, gInitial);
        Planes.requireF32(RecurrentCheck.op(spec), x);
        return new BackwardPass(machine, spec, w, x, lengths, kept, gy, gLast, gx, gw, gInitial);
    }
}
