package dev.gatun.kernels;

import org.jspecify.annotations.Nullable;

/// Pooling over `[n, c, h, w]` → `[n, c, oh, ow]` and its gradients. Views lie as [ImageLayout#PLANES], or, where no
/// positions are asked for, as [ImageLayout#CHANNELS_LAST].
public interface PoolKernels {
    /// Largest value of each window, NaN when any is NaN; `indices` (I64, shape of y) gets its position `ih·w + iw`
    /// in the image, the first of equals, or is null when nobody asks. Padding never wins.
    Call max(PoolSpec spec, View x, View y, @Nullable View indices);

    /// `gx = Σ` of the gradients whose window's largest value was here; overwrites gx.
    Call maxGradient(PoolSpec spec, View indices, View gy, View gx);

    /// Mean of each window, over the taps inside the input or, with [PoolSpec#countPadding], inside the padded input.
    Call average(PoolSpec spec, View x, View y);

    /// Spreads each gradient evenly over its window; overwrites gx.
    Call averageGradient(PoolSpec spec, View gy, View gx);
}
