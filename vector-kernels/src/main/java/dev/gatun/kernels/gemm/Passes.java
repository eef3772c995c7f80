package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.MicroShape.Extra;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.Expr;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The kernels that apply one epilogue to tiles of C in memory, for the widths that were asked for: cheap ones of their own
/// for each width, since a loop over three vectors costs more than they do.
public final class Passes {
    private final MicroKernels compiled;
    private final VectorType type;
    private final Expr epilogue;
    private final List<Extra> extras;
    /// By vectors per row without and with a tail; at 0 that for any width.
    private final @Nullable MicroKernel[][] kernels = new @Nullable MicroKernel[2][MicroKernels.WIDEST_PASS + 1];

    /// None yet.
    public Passes(MicroKernels compiled, VectorType type, Expr epilogue, List<Extra> extras) {
        this.compiled = compiled;
        this.type = type;
        this.epilogue = epilogue;
        this.extras = List.copyOf(extras);
    }

    /// For tiles of so many vectors per row, the last of which is partly outside C where `tail` is set.
    public void add(int vectors, boolean tail) {
        boolean own = vectors <= MicroKernels.WIDEST_PASS && MicroKernels.hasOwnPass(epilogue);
        kernels[tail ? 1 : 0][own ? vectors : 0] =
                compiled.pass(type, tail, epilogue, extras, own ? vectors : MicroKernels.ANY_WIDTH);
    }

    /// The kernel for tiles of this width; null when it was never asked for.
    public @Nullable MicroKernel kernel(int vectors, boolean tail) {
        @Nullable
        MicroKernel[] row = kernels[tail ? 1 : 0];
        MicroKernel own = vectors < row.length ? row[vectors] : null;
        return own == null ? row[0] : own;
    }
}
