/// The fast implementation of every kernel family, on the vector API. Nothing here may be touched before it is known
/// that the incubator module is there. Not exported.
package dev.gatun.kernels.vector;
