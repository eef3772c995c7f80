package dev.gatun.perf.work;

import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
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
}
