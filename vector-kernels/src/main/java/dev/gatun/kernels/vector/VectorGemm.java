package dev.gatun.kernels.vector;

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
import dev.gatun.kernels.gemm.CacheSizes;
import dev.gatun.kernels.gemm.DirectProduct;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.MatrixPanels;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.PackedProduct;
import dev.gatun.kernels.gemm.PanelSource;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Matrix products: looks at the shape and chooses the loops.
public final class VectorGemm implements GemmKernels {
    private final Threads threads;
    private final int bits;
    private final CacheSizes caches;
    private final MicroKernels compiled;

    /// With the machine's vector width and cache sizes.
    public VectorGemm(Threads threads) {
        this(threads, FloatVector.SPECIES_PREFERRED.vectorBitSize(), CacheSizes.detect(), new MicroKernels());
    }

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
        int rank = c.rank();
        int m = c.dim(rank - 2);
        int n = c.dim(rank - 1);
        int k = a.dim(rank - 1);
        VectorType type = new VectorType(c.dtype(), bits);
        Operand oa = Operand.of(a);
        Operand ob = Operand.of(b);
        Operand oc = Operand.of(c);
        Extras extras = Extras.NONE;
        Tiling tiling = Tiling.of(type, m, n);
        int bytes = type.dtype().bytes();
        if (ob.column() == bytes && oa.column() == bytes && (m <= 40 || (long) k * n <= 1 << 16)) {
            TileProduct product = new TileProduct(
                    compiled, tiling, false, beta, 1, epilogue.expr(), extras);
            return new DirectProduct(threads, product, k, oa, ob, oc, extras);
        }
        Blocking blocking = Blocking.of(caches, type);
        TileProduct product = new TileProduct(
                compiled, tiling, true, beta, PackedProduct.depth(k, blocking).count(), epilogue.expr(), extras);
        PanelSource source = new MatrixPanels(compiled, tiling, ob);
        return new PackedProduct(threads, product, k, oa, source, MemorySegment.NULL, oc, extras, blocking);
    }

    @Override
    public long packedBytes(DType dtype, int k, int n) {
        GemmCheck.packedBytes(dtype, k, n);
        return Tiling.of(new VectorType(dtype, bits), 1, n).rowBytes() * k;
    }

    @Override
    public PackedMatrix pack(View b, MemorySegment memory) {
        DType dtype = b.dtype();
        int k = b.dim(0);
        int n = b.dim(1);
        GemmCheck.pack(b, memory, packedBytes(dtype, k, n));
        VectorType type = new VectorType(dtype, bits);
        Tiling tiling = Tiling.of(type, 1, n);
        MatrixPanels source = new MatrixPanels(compiled, tiling, Operand.of(b));
        Split columns = tiling.columns();
        threads.run(
                (j, _) -> source.pack(0, j, 0, k, memory, (long) columns.start(j) * type.bytes() * k, new Tile()),
                columns.count());
        return new PackedMatrix(memory, dtype, k, n, layout());
    }

    private String layout() {
        return "vector panels of " + bits + " bits";
    }

    @Override
    public Call gemm(double alpha, View a, PackedMatrix b, View c, Epilogue epilogue) {
        GemmCheck.packed(a, b, c, epilogue, layout());
        VectorType type = new VectorType(c.dtype(), bits);
        Blocking blocking = Blocking.of(caches, type);
        Tiling tiling = Tiling.of(type, c.dim(0), c.dim(1));
        TileProduct product = new TileProduct(
                compiled, tiling, true, 0, PackedProduct.depth(b.k(), blocking).count(), epilogue.expr(),
                Extras.NONE);
        return new PackedProduct(
                threads, product, b.k(), Operand.of(a), null, b.memory(), Operand.of(c), Extras.NONE, blocking);
    }
}
