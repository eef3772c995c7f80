package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.GemmKernels;
import dev.gatun.kernels.ReduceKernels;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.thread.Threads;

/// What recurrent layers are computed with.
///
/// @param threads workers
/// @param type F32 vectors
/// @param blocking cache blocks of the products
/// @param compiled micro-kernels
/// @param cells loops of the cells
/// @param gemm whole products, for the gradients of the weights
/// @param reduce sums, for the gradients of the biases
record Machine(
        Threads threads, VectorType type, Blocking blocking, MicroKernels compiled, CellMaths cells, GemmKernels gemm,
        ReduceKernels reduce) {}
