/// Convolutions and their gradients as matrix products whose right-hand side is laid out from the image on the way
/// (implicit im2col), and row by row for depthwise ones.
///
/// [VectorConv][dev.gatun.kernels.conv.VectorConv] looks at the shape and chooses. A forward convolution and every phase
/// of a data gradient is a [Correlation][dev.gatun.kernels.conv.Correlation]: taps at given offsets in a source image;
/// [ImagePanels][dev.gatun.kernels.conv.ImagePanels] lays a block of it out,
/// [ConvProduct][dev.gatun.kernels.conv.ConvProduct] multiplies. Another algorithm (Winograd, blocked layouts) is
/// another [Call][dev.gatun.kernels.Call] in that choice. Not exported.
package dev.gatun.kernels.conv;
