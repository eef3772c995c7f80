/// Pooling and batch normalisation of images, planes of `h·w` numbers: the fast implementations. Work is cut by planes
/// or by channels, never inside a sum, so that bits do not depend on the threads.
package dev.gatun.kernels.image;
