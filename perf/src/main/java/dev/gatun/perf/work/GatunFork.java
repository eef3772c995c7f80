package dev.gatun.perf.work;

import dev.gatun.perf.fork.ChildLoop;
import dev.gatun.perf.fork.Work;
import dev.gatun.perf.fork.Work.Order;
import java.io.IOException;

/// Gatun's child process.
public final class GatunFork {
    private GatunFork() {}

    /// Answers until the input ends.
    public static void main(String[] none) throws IOException {
        ChildLoop.serve(GatunFork::open);
    }

    private static Work open(Order order) throws IOException {
        return order.name().startsWith("training/") ? TrainingWork.open(order) : SessionWork.open(order);
    }
}
