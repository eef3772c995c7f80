package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Operands of the matrix product.
public final class GemmCheck {
    private GemmCheck() {}

    /// `C = epilogue(alpha·A·B + beta·C)`.
    public static void gemm(View a, View b, View c, Epilogue epilogue) {
        Operands.floating("gemm", c, a, b);
        int rank = c.rank();
        if (rank < 2 || a.rank() != rank || b.rank() != rank) {
            throw new IllegalArgumentException("gemm: A, B and C need the same number of dims, at least 2: "
                    + shape(a) + " · " + shape(b) + " → " + shape(c));
        }
        boolean batches = true;
        for (int i = 0; i < rank - 2; i++) {
            batches &= a.dim(i) == c.dim(i) && b.dim(i) == c.dim(i);
        }
        if (!batches) {
            throw new IllegalArgumentException("gemm: leading dims must be the same (expand to broadcast): "
                    + shape(a) + " · " + shape(b) + " → " + shape(c));
        }
        product(a, b.dim(rank - 2), b.dim(rank - 1), shape(b), c);
        Operands.apart("gemm", "B", b, c);
        epilogue("gemm", epilogue, c);
    }

    /// `C = epilogue(alpha·A·B)` with B packed as `layout`.
    public static void packed(View a, PackedMatrix b, View c, Epilogue epilogue, String layout) {
        Operands.floating("gemm", c, a);
        if (b.dtype() != c.dtype()) {
            throw new IllegalArgumentException("gemm: element types must be the same: packed B is " + b.dtype()
                    + ", C is " + c.dtype() + shape(c));
        }
        Operands.rank("gemm", "A", a, 2);
        Operands.rank("gemm", "C", c, 2);
        layout("gemm", b.layout(), layout);
        product(a, b.k(), b.n(), "packed [" + b.k() + ", " + b.n() + "]", c);
        epilogue("gemm", epilogue, c);
    }

    /// B `[k, n]` and the memory it is packed into.
    public static void pack(View b, MemorySegment memory, long bytes) {
        Operands.floating("gemm", b);
        Operands.rank("gemm", "B", b, 2);
        memory("gemm", memory, bytes);
    }

    /// Sizes of a matrix to be packed.
    public static void packedBytes(DType dtype, int k, int n) {
        if (!dtype.isFloating() || k < 0 || n < 0) {
            throw new IllegalArgumentException(
                    "gemm: packing needs F32 or F64 and sizes of at least 0: " + dtype + " [" + k + ", " + n + "]");
        }
    }

    private static void product(View a, int k, int n, String shapeB, View c) {
        int rank = c.rank();
        if (a.dim(rank - 1) != k || a.dim(rank - 2) != c.dim(rank - 2) || n != c.dim(rank - 1)) {
            throw new IllegalArgumentException("gemm: A [m, k] · B [k, n] → C [m, n] do not fit: " + shape(a) + " · "
                    + shapeB + " → " + shape(c));
        }
        Operands.writable("gemm", c);
        Operands.apart("gemm", "A", a, c);
    }

    /// Extras have the shape and type of the result and share nothing with it, but for the result itself.
    static void epilogue(String op, Epilogue epilogue, View result) {
        Operands.inputs(op, epilogue.expr(), epilogue.extras().size() + 1);
        for (int i = 0; i < epilogue.extras().size(); i++) {
            View extra = epilogue.extras().get(i);
            if (!Arrays.equals(extra.dims(), result.dims()) || extra.dtype() != result.dtype()) {
                throw new IllegalArgumentException(op + ": epilogue extra " + i + " must have the result's shape and"
                        + " type (expand to broadcast): " + extra.dtype() + shape(extra) + " and " + result.dtype()
                        + shape(result));
            }
            Operands.apartOrSame(op, "epilogue extra " + i, extra, result);
        }
    }

    static void layout(String op, String actual, String expected) {
        if (!actual.equals(expected)) {
            throw new IllegalArgumentException(op + ": the weights were packed by other kernels: layout " + actual
                    + ", expected " + expected + "; pack them again");
        }
    }

    static void memory(String op, MemorySegment memory, long bytes) {
        if (!memory.isNative() || memory.byteSize() < bytes || memory.address() % 64 != 0) {
            throw new IllegalArgumentException(op + ": packing needs native memory of at least " + bytes
                    + " bytes, aligned to 64: " + memory.byteSize() + " bytes at " + memory.address());
        }
    }
}
