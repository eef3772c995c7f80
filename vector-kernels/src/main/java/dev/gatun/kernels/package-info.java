/// Numbers in memory → numbers in memory. Each family of kernels is an interface with two implementations, `reference`
/// (naive, accumulating in double) and `vector` (fast); a [Kernels][dev.gatun.kernels.Kernels] value carries one of
/// each. This package knows no tensor and no gradient tape.
///
/// Letters: `m n k` sizes of a product (C is m×n, A m×k, B k×n), `lda ldb ldc` row strides, `mr nr` register tile,
/// `mc nc kc` cache blocks, `n c h w` image batch, channels, height, width, `oc oh ow` the same of the output,
/// `kh kw` filter height and width.
package dev.gatun.kernels;
