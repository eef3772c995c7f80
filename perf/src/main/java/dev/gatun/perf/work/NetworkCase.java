package dev.gatun.perf.work;

import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.Random;
import java.util.function.Function;

/// A network with random weights and the shape of what it is fed.
///
/// @param name what the row is called
/// @param input shape, batch included
/// @param ids 0 for inputs of normal random numbers; otherwise they are whole numbers below this
/// @param network makes it
public record NetworkCase(String name, Shape input, int ids, Function<Generator, Module> network) {
    /// A network that is fed normal random numbers.
    static NetworkCase of(String name, Shape input, Function<Generator, Module> network) {
        return new NetworkCase(name, input, 0, network);
    }

    /// A network that is fed the numbers of words or things, each below `count`.
    static NetworkCase ofIds(String name, Shape input, int count, Function<Generator, Module> network) {
        return new NetworkCase(name, input, count, network);
    }

    /// An input, the same for the same seed.
    Tensor sample(long seed) {
        Random random = new Random(seed);
        int count = Math.toIntExact(input.count());
        if (ids > 0) {
            return Tensor.of(random.longs(count, 0, ids).toArray(), input.dims());
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, input.dims());
    }
}
