package dev.gatun.ops.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.ops.graph.MemoryPlan.Lifetime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    @Test
    void thingsThatLiveAtTheSameTimeNeverShareBytes() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            List<Lifetime> lifetimes = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                int first = random.nextInt(20);
                lifetimes.add(new Lifetime(random.nextInt(1000), first, first + random.nextInt(6)));
            }
            MemoryPlan plan = MemoryPlan.of(lifetimes);
            for (int i = 0; i < lifetimes.size(); i++) {
                Lifetime x = lifetimes.get(i);
                assertThat(plan.offsets()[i] % 64).isZero();
                assertThat(plan.offsets()[i] + x.bytes()).isLessThanOrEqualTo(plan.bytes());
                for (int j = 0; j < i; j++) {
                    Lifetime y = lifetimes.get(j);
                    boolean together = x.first() <= y.last() && y.first() <= x.last();
                    boolean apart = plan.offsets()[i] + x.bytes() <= plan.offsets()[j]
                            || plan.offsets()[j] + y.bytes() <= plan.offsets()[i];
                    assertThat(!together || apart).isTrue();
                }
            }
        }
    }

    @Test
    void aChainNeedsTheTwoLargestNeighbours() {
        MemoryPlan plan = MemoryPlan.of(List.of(
                new Lifetime(640, 0, 1), new Lifetime(640, 1, 2), new Lifetime(640, 2, 3), new Lifetime(640, 3, 4)));
        assertThat(plan.bytes()).isEqualTo(1280);
    }
}
