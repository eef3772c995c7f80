package dev.gatun.tests.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.gatun.kernels.DType;
import dev.gatun.nn.Binding;
import dev.gatun.nn.Session;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Residual;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.nn.models.Bert;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class SessionAllocationTest {
    /// The fewest bytes that one of `rounds` rounds of `calls` calls allocates, until one allocates none.
    private static long least(int rounds, int calls, Runnable call) {
        var bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < rounds && least > 0; round++) {
            long before = bean.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < calls; i++) {
                call.run();
            }
            least = Math.min(least, bean.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    @Test
    void aWarmSessionAllocatesNothing() {
        Generator generator = Generator.of(3);
        Sequential network = new Sequential(
                new Linear(20, 32, generator), Activation.relu(),
                new Residual(new Sequential(new Linear(32, 32, generator), Activation.gelu())),
                new Linear(32, 5, generator));
        try (Session session = Session.compile(network, Shape.of(2, 20)); Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(2 * 20 * 4, 64);
            MemorySegment out = arena.allocate(2 * 5 * 4, 64);
            assertThat(least(50, 500, () -> session.run(in, out))).isZero();
        }
    }

    @Test
    void aBindingAllocatesNothing() {
        Linear network = new Linear(20, 32, Generator.of(3));
        try (Session session = Session.compile(network, Shape.of(2, 20)); Binding binding = session.bind()) {
            assertThat(least(50, 500, binding::run)).isZero();
        }
    }

    /// 2,500 pixels are 415 tiles of six rows and two of five: the kernel for those two is called too seldom to be compiled by
    /// the session's runs.
    @Test
    void aKernelOfFewTilesIsCompiledBeforeTheFirstRun() {
        Sequential network = new Sequential(
                new Conv2d(3, 64, 3, Generator.of(3)), Activation.relu());
        try (Session session = Session.builder(network).input(Shape.of(1, 3, 52, 52)).threads(1).build();
                Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(3 * 52 * 52 * 4, 64);
            MemorySegment out = arena.allocate(64 * 2500 * 4, 64);
            var bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            session.run(in, out);
            long before = bean.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 20; i++) {
                session.run(in, out);
            }
            assertThat(bean.getCurrentThreadAllocatedBytes() - before).isZero();
        }
    }

    @Test
    void aWarmEncoderAllocatesNothing() {
        Bert bert = new Bert(new Bert.Config(100, 40, 2, 64, 4, 128, 2, 0.1, 1e-12), Generator.of(1));
        Tensor ids = Generator.of(2).integers(0, 100, 1, 40);
        Tensor mask = Tensor.ones(DType.I64, Shape.of(1, 40));
        try (Session session = Session.builder(bert).input(ids, mask)
                .computing(in -> bert.encode(in.get(0), null, in.get(1))).build(); Arena arena = Arena.ofConfined()) {
            MemorySegment[] in = {ids.view().bytes(), mask.view().bytes()};
            MemorySegment out = arena.allocate(40 * 64 * 4, 64);
            assertThat(least(60, 200, () -> session.run(in, out))).isZero();
        }
    }
}
