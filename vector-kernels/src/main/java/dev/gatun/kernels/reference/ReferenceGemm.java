package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.GemmKernels;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.GemmCheck;
import java.lang.foreign.MemorySegment;

/// maths: `C[i,j] = epilogue(alpha·Σ_p A[i,p]·B[p,j] + beta·C[i,j])`, the sum in double.
/// layout: any strides; "packed" is a row-major copy.
/// blocking and why: none, one dot product after the other.
/// registers: none held.
/// evidence: this is the definition; checked by hand-worked products in the tests.
public final class ReferenceGemm implements GemmKernels {
    private static final String LAYOUT = "reference row-major";

    @Override
    public Call gemm(double alpha, View a, View b, double beta, View c, Epilogue epilogue) {
        GemmCheck.gemm(a, b, c, epilogue);
        return _ -> multiply(alpha, a, b, beta, c, new Finish(epilogue, c));
    }

    @Override
    public long packedBytes(DType dtype, int k, int n) {
        GemmCheck.packedBytes(dtype, k, n);
        return (long) k * n * dtype.bytes();
    }

    @Override
    public PackedMatrix pack(View b, MemorySegment memory) {
        GemmCheck.pack(b, memory, (long) b.count() * b.dtype().bytes());
        View copy = View.of(memory, 0, b.dtype(), b.dims());
        for (Walk w = Walk.over(b.dims(), b.strides(), copy.strides()); w.next();) {
            copy.setDouble(w.at(1), b.getDouble(w.at(0)));
        }
        return new PackedMatrix(memory, b.dtype(), b.dim(0), b.dim(1), LAYOUT);
    }

    @Override
    public Call gemm(double alpha, View a, PackedMatrix b, View c, Epilogue epilogue) {
        GemmCheck.packed(a, b, c, epilogue, LAYOUT);
        View rows = View.of(b.memory(), 0, b.dtype(), b.k(), b.n());
        return _ -> multiply(alpha, a, rows, 0, c, new Finish(epilogue, c));
    }

    private static void multiply(double alpha, View a, View b, double beta, View c, Finish finish) {
        int row = c.rank() - 2;
        int column = c.rank() - 1;
        int k = a.dim(column);
        int[] strideA = a.strides();
        int[] strideB = b.strides();
        strideA[column] = 0;
        strideB[row] = 0;
        for (Walk w = Walk.over(c.dims(), strideA, strideB, c.strides()); w.next();) {
            double sum = 0;
            for (int p = 0; p < k; p++) {
                sum += a.getDouble(w.at(0) + (long) p * a.stride(column))
                        * b.getDouble(w.at(1) + (long) p * b.stride(row));
            }
            double value = k == 0 ? 0 : alpha * sum;
            finish.store(w, 2, beta == 0 ? value : value + beta * c.getDouble(w.at(2)));
        }
    }

    /// An epilogue at one element of the result.
    static final class Finish {
        private final ScalarMap map;
        private final View result;
        private final double[] in;
        private final View[] extras;

        Finish(Epilogue epilogue, View result) {
            this.map = new ScalarMap(epilogue.expr(), result.dtype());
            this.result = result;
            this.extras = epilogue.extras().toArray(View[]::new);
            this.in = new double[extras.length + 1];
        }

        /// Stores `epilogue(value)` at the walk's coordinate; pattern `v` is the result's.
        void store(Walk w, int v, double value) {
            in[0] = value;
            for (int i = 0; i < extras.length; i++) {
                long at = 0;
                for (int d = 0; d < result.rank(); d++) {
                    at += (long) w.coordinate(d) * extras[i].stride(d);
                }
                in[i + 1] = extras[i].getDouble(at);
            }
            result.setDouble(w.at(v), map.evaluate(in));
        }
    }
}
