package dev.gatun.perf;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
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

/// What transformers are made of, under JMH: `-p work=… -p threads=1`. Attention of 12 heads, 1024 positions, 64 each is
/// 3.22 GFLOP forward (two products) and 11.3 backward as computed here (seven); `DECODE` is one query against 4096 keys.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class TransformerBenchmark {
    /// What is computed.
    public enum Work {
        /// Attention, 12 × 1024 × 64.
        ATTENTION,
        /// The same, causal.
        CAUSAL,
        /// Its gradient.
        ATTENTION_GRADIENT,
        /// One query, 12 heads, 4096 keys.
        DECODE,
        /// Rows of BERT-base: 128 × 768.
        LAYER_NORM,
        /// Its gradient.
        LAYER_NORM_GRADIENT,
        /// Rows of 128 × 768.
        SOFTMAX
    }

    /// What is computed.
    @Param public Work work = Work.ATTENTION;

    /// Workers.
    @Param({"1"}) public int threads;

    private Arena arena = Arena.ofShared();
    private Threads pool = Threads.of(1);
    private Call call = scratch -> {};
    private MemorySegment memory = MemorySegment.NULL;

    /// Binds the call.
    @Setup
    public void bind() {
        pool.close();
        pool = Threads.of(threads);
        arena = Arena.ofShared();
        call = call(Kernels.vector(pool));
        memory = arena.allocate(Math.max(64, call.scratchBytes()), 64);
    }

    private Call call(Kernels k) {
        View rows = numbers(128, 768);
        return switch (work) {
            case ATTENTION -> attention(k, 1024, 1024, false);
            case CAUSAL -> attention(k, 1024, 1024, true);
            case DECODE -> attention(k, 1, 4096, false);
            case ATTENTION_GRADIENT -> {
                View q = numbers(1, 12, 1024, 64);
                View out = numbers(1, 12, 1024, 64);
                View lse = numbers(1, 12, 1024);
                AttentionSpec spec = AttentionSpec.of(0.125, false);
                Call forward = k.attention().forward(spec, q, q, q, null, null, out, lse);
                forward.run(arena.allocate(Math.max(64, forward.scratchBytes()), 64));
                yield k.attention().gradient(spec, q, q, q, null, null, out, lse, numbers(q.dims()), numbers(q.dims()),
                        numbers(q.dims()), numbers(q.dims()));
            }
            case LAYER_NORM -> k.norm().layerNorm(rows, numbers(768), numbers(768), 1e-5, numbers(128, 768),
                    numbers(128), numbers(128));
            case LAYER_NORM_GRADIENT -> k.norm().layerNormGradient(rows, numbers(768), numbers(128), numbers(128),
                    numbers(128, 768), numbers(128, 768), numbers(768), numbers(768));
            case SOFTMAX -> k.softmax().softmax(rows, numbers(128, 768), 1, false);
        };
    }

    private Call attention(Kernels k, int tq, int tk, boolean causal) {
        return k.attention().forward(AttentionSpec.of(0.125, causal), numbers(1, 12, tq, 64), numbers(1, 12, tk, 64),
                numbers(1, 12, tk, 64), null, null, numbers(1, 12, tq, 64), numbers(1, 12, tq));
    }

    private View numbers(int... dims) {
        int count = View.count(dims);
        MemorySegment data = arena.allocate(Math.max(64, 4L * count), 64);
        for (int i = 0; i < count; i++) {
            data.setAtIndex(JAVA_FLOAT, i, (i * 37L % 101 - 50) / 50f);
        }
        return View.of(data, 0, DType.F32, dims);
    }

    /// Ends the pool.
    @TearDown
    public void close() {
        pool.close();
        arena.close();
    }

    /// The work.
    @Benchmark
    public void run() {
        call.run(memory);
    }
}
