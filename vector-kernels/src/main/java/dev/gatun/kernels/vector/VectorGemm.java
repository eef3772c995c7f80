package dev.gatun.kernels.vector;

import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.GemmKernels;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.GemmCheck;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.gemm.DirectProduct;
import dev.gatun.kernels.gemm.DotProduct;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.MatrixPanels;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.PackedProduct;
import dev.gatun.kernels.gemm.Problem;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.StagedProduct;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.TileProduct.Cut;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Matrix products: looks at the operands and chooses the loops.
public final class VectorGemm implements GemmKernels {
    private final Threads threads;
    private final int bits;
    private final CacheSizes caches;
    private final MicroKernels compiled;

    /// With a vector width of 128, 256 or 512 bits, and micro-kernels that may be shared.
    public VectorGemm(Threads threads, int bits, CacheSizes caches, MicroKernels compiled) {
        this.threads = threads;
        this.bits = bits;
        this.caches = caches;
        this.compiled = compiled;
    }

    @Override
    public Call gemm(double alpha, View a, View b, double beta, View c, Epilogue epilogue) {
        GemmCheck.gemm(a, b, c, epilogue);
        Problem p = Problem.of(alpha, a, Operand.of(b), beta, c, epilogue);
        VectorType type = new VectorType(p.dtype(), bits);
        if (DotProduct.fits(p)) {
            return new DotProduct(threads, compiled, type, p);
        }
        if (p.m() == 1 && p.b().column() != p.dtype().bytes() && DotProduct.fits(p.transposed())) {
            return new DotProduct(threads, compiled, type, p.transposed());
        }
        return product(isBetterTransposed(p) ? p.transposed() : p, null);
    }

    /// C with its columns side by side; or one row times a matrix with its columns side by side, as `x·Wᵀ` is with
    /// weights stored by outputs: turned, both are read where they lie.
    private static boolean isBetterTransposed(Problem p) {
        Problem turned = p.transposed();
        if (!turned.rowsOfC()) {
            return false;
        }
        return !p.rowsOfC() || (p.m() == 1 && p.n() > 1 && !p.canStay() && turned.canStay());
    }

    @Override
    public long packedBytes(DType dtype, int k, int n) {
        GemmCheck.packedBytes(dtype, k, n);
        return Tiling.of(new VectorType(dtype, bits), 1, n).rowBytes() * k;
    }

    @Override
    public PackedMatrix pack(View b, MemorySegment memory) {
        GemmCheck.pack(b, memory, b.rank() == 2 ? packedBytes(b.dtype(), b.dim(0), b.dim(1)) : 0);
        int k = b.dim(0);
        VectorType type = new VectorType(b.dtype(), bits);
        Tiling tiling = Tiling.of(type, 1, b.dim(1));
        MatrixPanels source = new MatrixPanels(compiled, tiling, Operand.of(b));
        Split columns = tiling.columns();
        threads.run(
                (j, _) -> source.pack(0, j, 0, k, memory, (long) columns.start(j) * type.bytes() * k, new Tile()),
                columns.count());
        return new PackedMatrix(memory, b.dtype(), k, b.dim(1), layout());
    }

    private String layout() {
        return "vector panels of " + bits + " bits";
    }

    @Override
    public Call gemm(double alpha, View a, PackedMatrix b, View c, Epilogue epilogue) {
        GemmCheck.packed(a, b, c, epilogue, layout());
        // Rows and columns of the packed matrix are not places in memory: the steps are not read.
        Operand panels = Operand.of(b.memory(), 0, c.dtype().bytes(), c.dtype().bytes());
        return product(Problem.of(alpha, a, panels, 0, c, epilogue), b);
    }

    private Call product(Problem p, @Nullable PackedMatrix packed) {
        VectorType type = new VectorType(p.dtype(), bits);
        Blocking blocking = Blocking.of(caches, type);
        boolean direct = p.k() == 0 || (packed == null && isDirect(p, type));
        Tiling tiling = direct ? Tiling.small(type, p.m(), p.n()) : Tiling.of(type, p.m(), p.n());
        Cut cut = direct ? Cut.NONE : PackedProduct.cut(p.k(), tiling, blocking);
        if (!p.rowsOfC() || !p.rowsOfExtras() || (p.aliased() && cut == Cut.APART)) {
            return new StagedProduct(p, staged -> product(staged, packed));
        }
        if (direct) {
            return new DirectProduct(threads, compiled, tiling, p);
        }
        Extras extras = new Extras(p.extras());
        TileProduct product = new TileProduct(
                compiled, tiling, TileProduct.Right.COLUMNS, p.beta(), cut, p.expr(), extras);
        return new PackedProduct(
                threads, product, p.k(), p.a(), packed == null ? new MatrixPanels(compiled, tiling, p.b()) : null,
                p.b().segment(), p.c(), extras, blocking);
    }

    /// Packing B costs a load and a store per vector, a tile's worth of sums repays them: below some forty rows, or
    /// while all of B stays in the first-level cache and its rows are near each other, B is read where it is. The latter not
    /// with 16 registers: the tiles are smaller, and the steps of an unpacked B cost as much (96³ on Zen 3: 74 GFLOP/s as
    /// it lies, 83 packed).
    private static boolean isDirect(Problem p, VectorType type) {
        return p.canStay() && (p.m() <= 40 || (type.manyRegisters() && (long) p.k() * p.n() < 1 << 14));
    }
}
