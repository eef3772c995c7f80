package dev.gatun.kernels;

/// Softmax along one dim and its gradient.
public interface SoftmaxKernels {
    /// `y = e^(x − max) / Σ e^(x − max)` along `dim`, or its logarithm. A row of −Inf only gives NaN. Same dims; `out`
    /// may be `in`.
    Call softmax(View in, View out, int dim, boolean log);

    /// Gradient from the result `y` and the gradient `gy`: softmax `gx = y·(gy − Σ gy·y)`, log-softmax
    /// `gx = gy − e^y·Σ gy`.
    Call gradient(View y, View gy, View gx, int dim, boolean log);
}
