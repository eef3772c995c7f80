/// The matrix product, piece by piece, for the product itself and for whoever can be written as one.
///
/// A convolution (or anything else that makes the rows of B on the way) uses it like this:
///
/// ```text
/// Tiling tiling = Tiling.of(type, m, n);                       // register tiles over C
/// PanelSource source = (batch, panel, p0, p1, to, at, tile) -> // rows p0 … p1 of this panel of B:
///     …;                                                       //   vector after vector, tiling.columns().size(panel)
/// TileProduct product = new TileProduct(
///     compiled, tiling, Right.COLUMNS, 0, PackedProduct.cut(k, tiling, blocking), epilogue.expr(), extras);
/// Call call = new PackedProduct(threads, product, k, a, source, MemorySegment.NULL, c, extras, blocking);
/// ```
///
/// [PackedProduct][dev.gatun.kernels.gemm.PackedProduct] cuts, packs, spreads over the threads and applies the epilogue.
/// Those who need other loops call [TileProduct][dev.gatun.kernels.gemm.TileProduct] themselves for a range of row tiles
/// and panels, with panels they packed. Groups and images are batches: one entry of
/// [Operand#starts][dev.gatun.kernels.gemm.Operand] each. Not exported.
package dev.gatun.kernels.gemm;
