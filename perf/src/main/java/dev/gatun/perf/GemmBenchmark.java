package dev.gatun.perf;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.GemmKernels;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Gatun's matrix product alone, under JMH: `-p shape=256x256x256 -p packed=true -p threads=1`.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class GemmBenchmark {
    /// `MxNxK`.
    @Param({"16x16x16", "64x64x64", "256x256x256", "1024x1024x1024", "1x768x768", "16x768x3072"}) public String shape =
            "";

    /// B packed once before.
    @Param({"false"}) public boolean packed;

    /// Workers.
    @Param({"1"}) public int threads;

    private Arena arena = Arena.ofShared();
    private Threads pool = Threads.of(1);
    private Call call = scratch -> {};
    private MemorySegment memory = MemorySegment.NULL;

    /// Binds the product.
    @Setup
    public void bind() {
        String[] sizes = shape.split("x");
        int m = Integer.parseInt(sizes[0]);
        int n = Integer.parseInt(sizes[1]);
        int k = Integer.parseInt(sizes[2]);
        pool.close();
        pool = Threads.of(threads);
        arena = Arena.ofShared();
        GemmKernels gemm = Kernels.vector(pool).gemm();
        View a = matrix(m, k);
        View b = matrix(k, n);
        View c = matrix(m, n);
        call = packed
                ? gemm.gemm(
                        1, a, gemm.pack(b, arena.allocate(gemm.packedBytes(DType.F32, k, n), 64)), c, Epilogue.NONE)
                : gemm.gemm(1, a, b, 0, c, Epilogue.NONE);
        memory = arena.allocate(Math.max(64, call.scratchBytes()), 64);
    }

    private View matrix(int rows, int columns) {
        MemorySegment data = arena.allocate(4L * rows * columns, 64);
        for (int i = 0; i < rows * columns; i++) {
            data.setAtIndex(JAVA_FLOAT, i, i % 17 - 8f);
        }
        return View.of(data, 0, DType.F32, rows, columns);
    }

    /// Ends the pool.
    @TearDown
    public void close() {
        pool.close();
        arena.close();
    }

    /// One product.
    @Benchmark
    public void sgemm() {
        call.run(memory);
    }
}
