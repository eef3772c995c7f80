package dev.gatun.ops;

import dev.gatun.kernels.Kernels;

/// Runs test bodies on a small engine with the naive kernels and asserts that nothing is left on loan.
final class Reference {
    private Reference() {}

    static void run(Runnable body) {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).debug(true).build()) {
            engine.run(body);
        }
    }
}
