package dev.gatun.tests.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.gatun.nn.Session;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Residual;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class SessionAllocationTest {
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
            var bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 50; round++) {
                long before = bean.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 500; i++) {
                    session.run(in, out);
                }
                least = Math.min(least, bean.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).isZero();
        }
    }
}
