package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.util.function.Function;

/// A source of random tensors: a seed and a position in its sequence (Philox4x32-10), so the same seed and the same
/// calls give the same numbers on every machine and for any number of threads. There is no hidden generator: whoever
/// wants randomness passes one. Not to be used by two threads at once; [#split] gives each its own.
public final class Generator {
    private final long seed;
    private long position;

    private Generator(long seed, long position) {
        this.seed = seed;
        this.position = position;
    }

    /// What a generator needs to go on: its seed and how many 32-bit words it has used.
    public record State(long seed, long position) {}

    /// The sequence of `seed` from its start.
    public static Generator of(long seed) {
        return new Generator(seed, 0);
    }

    /// Goes on where [#state] was taken.
    public static Generator of(State state) {
        return new Generator(state.seed(), state.position());
    }

    /// Where this generator is.
    public State state() {
        return new State(seed, position);
    }

    /// A generator with a sequence of its own, and this one moved on.
    public Generator split() {
        long child = mix(seed + mix(position + 0x9E3779B97F4A7C15L));
        position += 4;
        return new Generator(child, 0);
    }

    /// Stafford's variant 13 of the 64-bit finaliser, a bijection whose outputs look unrelated.
    private static long mix(long z) {
        long x = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
        return x ^ x >>> 31;
    }

    private Tensor fill(String name, DType dtype, Shape shape, int wordsPerElement, Function<View, Call> call) {
        Engine engine = Engine.current();
        Tensor tensor = Tensor.allocate(engine, dtype, shape, name);
        Eager.compute(engine, call.apply(tensor.view()), name);
        position += (long) shape.count() * wordsPerElement;
        return tensor;
    }

    /// The next `words` 32-bit words, for a kernel that draws them itself: where they begin. This generator moves on.
    public State take(long words) {
        State from = state();
        position += words;
        return from;
    }

    /// F32, uniform in [0, 1).
    public Tensor uniform(int... dims) {
        return uniform(DType.F32, new Shape(dims), 0, 1);
    }

    /// Uniform in [low, high), F32 or F64.
    public Tensor uniform(DType dtype, Shape shape, double low, double high) {
        checkFloating("uniform", dtype);
        return fill("uniform", dtype, shape, dtype == DType.F64 ? 2 : 1,
                out -> Engine.current().kernels().random().uniform(seed, position, out, low, high));
    }

    /// F32, normal.
    public Tensor normal(double mean, double deviation, int... dims) {
        return normal(DType.F32, new Shape(dims), mean, deviation);
    }

    /// Normal, F32 or F64.
    public Tensor normal(DType dtype, Shape shape, double mean, double deviation) {
        checkFloating("normal", dtype);
        return fill("normal", dtype, shape, 2,
                out -> Engine.current().kernels().random().normal(seed, position, out, mean, deviation));
    }

    /// `value` with probability p, else 0, in type `dtype`: a dropout mask with its scale.
    public Tensor bernoulli(DType dtype, Shape shape, double p, double value) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("bernoulli: the probability must lie in [0, 1]: " + p);
        }
        return fill("bernoulli", dtype, shape, 1,
                out -> Engine.current().kernels().random().bernoulli(seed, position, out, p, value));
    }

    /// F32: 1 with probability p, else 0.
    public Tensor bernoulli(double p, int... dims) {
        return bernoulli(DType.F32, new Shape(dims), p, 1);
    }

    /// I64, uniform in [low, high).
    public Tensor integers(long low, long high, int... dims) {
        if (low >= high) {
            throw new IllegalArgumentException("integers: low must be below high: " + low + ", " + high);
        }
        return fill("integers", DType.I64, new Shape(dims), 2,
                out -> Engine.current().kernels().random().integers(seed, position, out, low, high));
    }

    /// I64: the numbers 0 to n − 1 in random order.
    public Tensor permutation(int n) {
        Tensor order = Tensor.arange(n);
        View numbers = order.view();
        try (Tensor random = uniform(DType.F64, Shape.of(n), 0, 1)) {
            for (int i = n - 1; i > 0; i--) {
                int j = (int) (random.view().getDouble(i) * (i + 1));
                long swapped = numbers.getLong(i);
                numbers.setLong(i, numbers.getLong(j));
                numbers.setLong(j, swapped);
            }
        }
        return order;
    }

    private static void checkFloating(String op, DType dtype) {
        if (!dtype.isFloating()) {
            throw new IllegalArgumentException(op + ": the type must be F32 or F64: " + dtype);
        }
    }
}
