package dev.gatun.kernels;

import java.lang.foreign.MemorySegment;

/// Convolutions and their gradients. Shapes as in [ConvSpec]; views may be strided in n and c, contiguous in h and w,
/// else the call throws. F32; the reference computes F64 too.
public interface ConvKernels {
    /// `y[n,o,i,j] = epilogue(Σ x[n, c, i·sh − pt + u·dh, j·sw − pl + v·dw] · w[o,c,u,v])`. Bias is an epilogue extra
    /// with strides `[0, 1, 0, 0]`.
    Call forward(ConvSpec spec, View x, View w, View y, Epilogue epilogue);

    /// Bytes that [#pack] needs for these weights.
    long packedBytes(ConvSpec spec, View w);

    /// Lays constant weights out once, for [#forward(ConvSpec, View, PackedFilter, View, Epilogue)].
    PackedFilter pack(ConvSpec spec, View w, MemorySegment memory);

    /// The forward convolution with packed weights; same bits as with plain ones.
    Call forward(ConvSpec spec, View x, PackedFilter w, View y, Epilogue epilogue);

    /// Gradient with respect to the input, overwriting `gx`: the transposed convolution of `gy` with w.
    Call dataGradient(ConvSpec spec, View gy, View w, View gx);

    /// Gradient with respect to the weights, overwriting `gw`.
    Call weightGradient(ConvSpec spec, View x, View gy, View gw);
}
