package dev.gatun.perf;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentKernels;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
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

/// One layer of a recurrent network in one direction: with packed weights, with fresh ones as in training, and its
/// gradients. Work of a forward pass in GFLOP is `2·steps·batch·gates·hidden·(in + hidden) / 10⁹`, of the gradients twice
/// that.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class RecurrentBenchmark {
    /// Which cell.
    @Param({"LSTM", "GRU", "TANH"}) public RecurrentCell cell = RecurrentCell.LSTM;

    /// `steps,batch,in,hidden`.
    @Param({"100,1,128,256", "100,1,256,256", "100,32,128,256", "50,16,64,64"}) public String shape = "";

    /// Workers.
    @Param({"1"}) public int threads;

    private Arena arena = Arena.ofShared();
    private Threads pool = Threads.of(1);
    private Call packed = scratch -> {};
    private Call fresh = scratch -> {};
    private Call gradients = scratch -> {};
    private MemorySegment memory = MemorySegment.NULL;

    /// Binds the three.
    @Setup
    public void bind() {
        int[] s = List.of(shape.split(",")).stream().mapToInt(Integer::parseInt).toArray();
        pool.close();
        pool = Threads.of(threads);
        arena = Arena.ofShared();
        RecurrentKernels kernels = Kernels.vector(pool).recurrent();
        RecurrentSpec spec = new RecurrentSpec(cell, false);
        RecurrentWeights w = weights(s);
        View x = numbers(s[0], s[1], s[2]);
        View kept = numbers(s[0], s[1], cell.keptWidth(s[3]));
        PackedRecurrent p = kernels.pack(spec, w, arena.allocate(kernels.packedBytes(spec, w), 64));
        packed = kernels.forward(spec, p, x, null, null, numbers(s[0], s[1], s[3]), state(s));
        fresh = kernels.forward(spec, w, x, null, null, numbers(s[0], s[1], s[3]), state(s), kept);
        gradients = kernels.backward(
                spec, w, x, null, kept, numbers(s[0], s[1], s[3]), state(s), numbers(s[0], s[1], s[2]), weights(s),
                state(s));
        long bytes = Math.max(gradients.scratchBytes(), Math.max(packed.scratchBytes(), fresh.scratchBytes()));
        memory = arena.allocate(Math.max(bytes, 64), 64);
        fresh.run(memory);
    }

    private RecurrentWeights weights(int[] s) {
        int rows = cell.gates() * s[3];
        return new RecurrentWeights(numbers(rows, s[2]), numbers(rows, s[3]), numbers(rows), numbers(rows));
    }

    private RecurrentState state(int[] s) {
        return new RecurrentState(numbers(s[1], s[3]), cell.hasCellState() ? numbers(s[1], s[3]) : null);
    }

    private View numbers(int... dims) {
        View v = View.of(arena.allocate(View.count(dims) * 4L, 64), 0, DType.F32, dims);
        for (int i = 0; i < v.count(); i++) {
            v.segment().setAtIndex(JAVA_FLOAT, i, (i * 37 % 101 - 50) / 500f);
        }
        return v;
    }

    /// Gives threads and memory back.
    @TearDown
    public void release() {
        pool.close();
        arena.close();
    }

    /// All steps with packed weights, as in a session.
    @Benchmark
    public void packed() {
        packed.run(memory);
    }

    /// All steps with plain weights, keeping what the gradients need, as in training.
    @Benchmark
    public void fresh() {
        fresh.run(memory);
    }

    /// All gradients.
    @Benchmark
    public void gradients() {
        gradients.run(memory);
    }
}
