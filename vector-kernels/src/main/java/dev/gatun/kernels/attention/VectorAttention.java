package dev.gatun.kernels.attention;

import dev.gatun.kernels.AttentionKernels;
import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.AttentionCheck;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Elements;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.reference.ReferenceAttention;
import dev.gatun.kernels.thread.Threads;
import org.jspecify.annotations.Nullable;

/// Attention on vectors: F32; F64 is computed by the reference.
public final class VectorAttention implements AttentionKernels {
    private final Threads threads;
    private final VectorType type;
    private final MicroKernels compiled;

    /// With a vector width of 128, 256 or 512 bits, and micro-kernels that may be shared.
    public VectorAttention(Threads threads, int bits, MicroKernels compiled) {
        this.threads = threads;
        this.type = new VectorType(DType.F32, bits);
        this.compiled = compiled;
    }

    @Override
    public Call forward(
            AttentionSpec spec, View q, View k, View v, @Nullable View mask, @Nullable View padding, View out,
            View lse) {
        if (q.dtype() != DType.F32) {
            return new ReferenceAttention().forward(spec, q, k, v, mask, padding, out, lse);
        }
        AttentionCheck.forward(q, k, v, mask, padding, out, lse);
        small("attention", q);
        Sizes sizes = Sizes.of(spec, q, k, v);
        Masking masking = new Masking(sizes, mask, padding, threads.count());
        if (sizes.tq() == 1 && spec.dropout() == 0) {
            return new OneQuery(threads, sizes, q, k, v, masking, out, lse);
        }
        return new FlashForward(threads, compiled, type, sizes, q, k, v, masking, out, lse);
    }

    @Override
    public Call gradient(
            AttentionSpec spec, View q, View k, View v, @Nullable View mask, @Nullable View padding, View out,
            View lse, View gout, View gq, View gk, View gv) {
        if (q.dtype() != DType.F32) {
            return new ReferenceAttention().gradient(
                    spec, q, k, v, mask, padding, out, lse, gout, gq, gk, gv);
        }
        AttentionCheck.gradient(q, k, v, mask, padding, out, lse, gout, gq, gk, gv);
        small("attentionGradient", q, k, v, gout);
        Sizes sizes = Sizes.of(spec, q, k, v);
        Masking masking = new Masking(sizes, mask, padding, threads.count());
        return new FlashGradient(
                threads, compiled, type, sizes, q, k, v, masking, out, lse, gout, gq, gk, gv);
    }

    /// What is read row by row lies in a buffer of elements, whose size is limited.
    private static void small(String op, View... views) {
        for (View v : views) {
            if (v.count() > 0 && !Elements.fit(Operand.of(v), v.dim(2), v.dim(3), DType.F32)) {
                throw new IllegalArgumentException(
                        op + ": an operand spans more than 2 GiB: " + v + "; split the batch");
            }
        }
    }
}
