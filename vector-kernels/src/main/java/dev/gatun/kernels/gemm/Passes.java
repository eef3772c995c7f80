package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.PassShape;
import dev.gatun.kernels.codegen.PassShape.Extra;
import dev.gatun.kernels.codegen.PassShape.Place;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.Expr;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The kernels of one pass over tiles, for the widths that were asked for.
public final class Passes {
    private final MicroKernels compiled;
    private final VectorType type;
    private final Place from;
    private final Place to;
    private final Expr epilogue;
    private final List<Extra> extras;
    /// By vectors per row, without and with a tail.
    private final @Nullable MicroKernel[][] kernels = new @Nullable MicroKernel[2][];

    /// None yet.
    public Passes(MicroKernels compiled, VectorType type, Place from, Place to, Expr epilogue, List<Extra> extras) {
        this.compiled = compiled;
        this.type = type;
        this.from = from;
        this.to = to;
        this.epilogue = epilogue;
        this.extras = List.copyOf(extras);
        Arrays.setAll(kernels, _ -> new @Nullable MicroKernel[0]);
    }

    /// For tiles of so many vectors per row, the last of which is partly outside C where `tail` is set.
    public void add(int vectors, boolean tail) {
        int t = tail ? 1 : 0;
        if (kernels[t].length <= vectors) {
            kernels[t] = Arrays.copyOf(kernels[t], vectors + 1);
        }
        int width = PassShape.width(vectors, epilogue, extras.size());
        kernels[t][vectors] = compiled.pass(new PassShape(type, from, to, width, tail, epilogue, extras));
    }

    /// Runs on a tile of a width that was added.
    public void run(Tile tile, boolean tail) {
        MicroKernel kernel = kernels[tail ? 1 : 0][tile.vectors];
        if (kernel == null) {
            throw new IllegalStateException("pass: no kernel for " + tile.vectors + " vectors");
        }
        kernel.run(tile);
    }
}
