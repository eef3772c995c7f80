package dev.gatun.kernels;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Convolutions and their gradients. Shapes as in [ConvSpec]; views lie as [ImageLayout#PLANES], strided in n and c at
/// will, or where the weights are packed for it as [ImageLayout#CHANNELS_LAST], else the call throws. F32; the reference
/// computes F64 too.
public interface ConvKernels {
    /// `y[n,o,i,j] = epilogue(Σ x[n, c, i·sh − pt + u·dh, j·sw − pl + v·dw] · w[o,c,u,v])`. Bias is an epilogue extra
    /// with strides `[0, 1, 0, 0]`. Computed by the first of [#algorithms].
    default Call forward(ConvSpec spec, View x, View w, View y, Epilogue epilogue) {
        return forward(spec, x, w, y, epilogue, algorithms(spec, x.dims(), w.dims(), false).getFirst());
    }

    /// The same by this algorithm, whether allowed by [#with] or not. Throws when it does not apply to these shapes.
    Call forward(ConvSpec spec, View x, View w, View y, Epilogue epilogue, ConvAlgorithm algorithm);

    /// The algorithms that apply to x `[n, c, h, w]` and weights `[oc, c/groups, kh, kw]` and are allowed, the one that
    /// is estimated to be the fastest first; never empty. Depends on nothing else.
    ///
    /// @param packed the weights are constant and will be packed
    List<ConvAlgorithm> algorithms(ConvSpec spec, int[] x, int[] w, boolean packed);

    /// The same for images in this layout with packed weights; empty when the layout is not computed for these shapes
    /// (channels last: groups other than one per channel).
    List<ConvAlgorithm> algorithms(ImageLayout images, ConvSpec spec, int[] x, int[] w);

    /// These kernels with another set of allowed algorithms; threads and compiled code are shared. The reference knows
    /// one algorithm and stays as it is.
    ConvKernels with(Winograd allowed);

    /// Bytes that [#pack] needs for these weights.
    long packedBytes(ImageLayout images, ConvSpec spec, View w, ConvAlgorithm algorithm);

    /// Lays constant weights out once, for [#forward(ConvSpec, View, PackedFilter, View, Epilogue)] by this algorithm on
    /// images in this layout.
    PackedFilter pack(ImageLayout images, ConvSpec spec, View w, ConvAlgorithm algorithm, MemorySegment memory);

    /// [#packedBytes(ImageLayout, ConvSpec, View, ConvAlgorithm)] for planes.
    default long packedBytes(ConvSpec spec, View w, ConvAlgorithm algorithm) {
        return packedBytes(ImageLayout.PLANES, spec, w, algorithm);
    }

    /// [#pack(ImageLayout, ConvSpec, View, ConvAlgorithm, MemorySegment)] for planes.
    default PackedFilter pack(ConvSpec spec, View w, ConvAlgorithm algorithm, MemorySegment memory) {
        return pack(ImageLayout.PLANES, spec, w, algorithm, memory);
    }

    /// [#packedBytes(ConvSpec, View, ConvAlgorithm)] for a direct sum.
    default long packedBytes(ConvSpec spec, View w) {
        return packedBytes(spec, w, ConvAlgorithm.DIRECT);
    }

    /// [#pack(ConvSpec, View, ConvAlgorithm, MemorySegment)] for a direct sum.
    default PackedFilter pack(ConvSpec spec, View w, MemorySegment memory) {
        return pack(spec, w, ConvAlgorithm.DIRECT, memory);
    }

    /// The forward convolution with packed weights, by the algorithm and for the layout of x and y they are packed for;
    /// on planes the same bits as with plain ones and that algorithm.
    Call forward(ConvSpec spec, View x, PackedFilter w, View y, Epilogue epilogue);

    /// Convolutions one after the other as one call, with the bits that they give one by one: each reads what the one
    /// before gives, of which a few rows at a time are in scratch memory. The links are one filter per channel and a 1×1
    /// behind it, or these two behind another 1×1 (the inverted residual of Sandler and others, 2018), on images that lie
    /// [ImageLayout#CHANNELS_LAST]. Operands of all epilogues but the last are one number per channel, or one for all.
    /// Throws for other chains.
    Call chain(View x, List<ConvLink> links, View y);

    /// Gradient with respect to the input, overwriting `gx`: the transposed convolution of `gy` with w.
    Call dataGradient(ConvSpec spec, View gy, View w, View gx);

    /// Gradient with respect to the weights, overwriting `gw`.
    Call weightGradient(ConvSpec spec, View x, View gy, View gw);
}
