package dev.gatun.perf.fork;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// Something that a child process does again and again while it is timed.
public interface Work extends AutoCloseable {
    /// What the parent asks for.
    ///
    /// @param name the case, `SUITE/NAME`
    /// @param threads threads it may use
    /// @param folder where the sides of a comparison exchange the model, the inputs and the answers
    /// @param options whatever else the side understands
    record Order(String name, int threads, Path folder, Map<String, String> options) {}

    /// Makes what an order asks for, ready to run.
    @FunctionalInterface
    interface Opener {
        /// Throws whatever keeps it from doing so; the message reaches the parent.
        Work open(Order order) throws Exception;
    }

    /// Does the work once.
    void run() throws Exception;

    /// What another thread runs at the same time; throws where that cannot be done.
    default Runnable caller() {
        throw new UnsupportedOperationException("this side has no concurrent callers");
    }

    /// The numbers that the last run computed, by which the sides are compared.
    float[] answer() throws IOException;

    /// True for work that allocates nothing on the Java heap once it is compiled: then it is warm only when it does not.
    default boolean allocatesNothing() {
        return false;
    }

    /// What the parent should know, such as the version of a library or the operations of one run.
    default Map<String, String> facts() {
        return Map.of();
    }

    @Override
    void close();
}
