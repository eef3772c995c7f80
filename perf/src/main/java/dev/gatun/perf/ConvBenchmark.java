package dev.gatun.perf;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/// A convolution with bias and ReLU, and its two gradients, under JMH: `-p shape=… -p threads=1 -p winograd=OFF`. Work in GFLOP is
/// `2·n·oc·oh·ow·(c/groups)·kh·kw / 10⁹`, the same for all three.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class ConvBenchmark {
    /// `n,c,h,w,oc,kh,kw,stride,groups`; padding keeps the size (kernel / 2).
    @Param({
        "1,64,56,56,64,3,3,1,1",
        "1,128,28,28,128,3,3,1,1",
        "1,256,14,14,256,3,3,1,1",
        "1,512,7,7,512,3,3,1,1",
        "1,256,56,56,64,1,1,1,1",
        "1,64,56,56,256,1,1,1,1",
        "1,3,224,224,64,7,7,2,1",
        "1,96,56,56,96,3,3,1,96",
        "1,96,112,112,96,3,3,1,96",
        "1,96,112,112,96,3,3,2,96",
        "1,576,14,14,576,3,3,1,576",
        "64,16,8,8,32,3,3,1,1",
        "64,32,4,4,64,3,3,1,1"
    }) public String shape = "";

    /// Workers.
    @Param({"1"}) public int threads;

    /// Which of Winograd's algorithms [#packed] may use; [#forward] and the gradients have the default of engines.
    @Param({"F4"}) public Winograd winograd = Winograd.F4;

    private Arena arena = Arena.ofShared();
    private Threads pool = Threads.of(1);
    private Call forward = scratch -> {};
    private Call packed = scratch -> {};
    private Call dataGradient = scratch -> {};
    private Call weightGradient = scratch -> {};
    private MemorySegment memory = MemorySegment.NULL;

    /// Binds the three.
    @Setup
    public void bind() {
        int[] s = List.of(shape.split(",")).stream().mapToInt(Integer::parseInt).toArray();
        ConvSpec spec = new ConvSpec(
                s[7], s[7], s[5] / 2, s[6] / 2, s[5] / 2, s[6] / 2, 1, 1, s[8]);
        pool.close();
        pool = Threads.of(threads);
        arena = Arena.ofShared();
        ConvKernels conv = Kernels.vector(pool).conv();
        int[] out = {s[0], s[4], spec.outHeight(s[2], s[5]), spec.outWidth(s[3], s[6])};
        View x = numbers(s[0], s[1], s[2], s[3]);
        View w = numbers(s[4], s[1] / s[8], s[5], s[6]);
        View y = numbers(out);
        View bias = numbers(s[4]).restride(0, out, new int[] {0, 1, 0, 0});
        Epilogue relu = new Epilogue(Expr.input(0).plus(Expr.input(1)).max(Expr.constant(0)), List.of(bias));
        forward = conv.forward(spec, x, w, y, relu);
        ConvKernels session = conv.with(winograd);
        ConvAlgorithm algorithm = session.algorithms(spec, x.dims(), w.dims(), true).getFirst();
        MemorySegment filters = arena.allocate(session.packedBytes(spec, w, algorithm), 64);
        packed = session.forward(spec, x, session.pack(spec, w, algorithm, filters), y, relu);
        dataGradient = conv.dataGradient(spec, numbers(out), w, numbers(x.dims()));
        weightGradient = conv.weightGradient(spec, x, numbers(out), numbers(w.dims()));
        long bytes = Stream.of(forward, packed, dataGradient, weightGradient).mapToLong(Call::scratchBytes).max()
                .orElse(0);
        memory = arena.allocate(Math.max(64, bytes), 64);
    }

    private View numbers(int... dims) {
        int count = View.count(dims);
        MemorySegment data = arena.allocate(Math.max(64, 4L * count), 64);
        for (int i = 0; i < count; i++) {
            data.setAtIndex(JAVA_FLOAT, i, i % 17 - 8f);
        }
        return View.of(data, 0, DType.F32, dims);
    }

    /// Ends the pool.
    @TearDown
    public void close() {
        pool.close();
        arena.close();
    }

    /// The convolution with bias and ReLU and packed weights, as in a session.
    @Benchmark
    public void packed() {
        packed.run(memory);
    }

    /// The convolution with bias and ReLU and plain weights.
    @Benchmark
    public void forward() {
        forward.run(memory);
    }

    /// Gradient with respect to the input.
    @Benchmark
    public void dataGradient() {
        dataGradient.run(memory);
    }

    /// Gradient with respect to the weights.
    @Benchmark
    public void weightGradient() {
        weightGradient.run(memory);
    }
}
