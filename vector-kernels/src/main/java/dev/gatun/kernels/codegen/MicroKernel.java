package dev.gatun.kernels.codegen;

/// A generated inner loop over one register tile.
public interface MicroKernel {
    /// Computes one tile.
    void run(Tile tile);
}
