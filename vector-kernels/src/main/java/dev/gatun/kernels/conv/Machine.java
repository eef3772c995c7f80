package dev.gatun.kernels.conv;

import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.thread.Threads;

/// What convolutions run on: threads, micro-kernels, vector width, cache blocks.
record Machine(Threads threads, MicroKernels compiled, VectorType type, Blocking blocking) {}
