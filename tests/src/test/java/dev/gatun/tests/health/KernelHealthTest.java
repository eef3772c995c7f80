package dev.gatun.tests.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.tests.ChildJvm;
import dev.gatun.tests.health.HealthWork.Family;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Every family in a JVM of its own under `-XX:+PrintCompilation`: what the compiler gives up, every generated loop
/// through the optimising compiler, what a run allocates on the Java heap.
class KernelHealthTest {
    /// A family ends as soon as it allocates nothing any more.
    private static final int SECONDS = 120;

    private static final Map<Family, String> OUTPUTS = new EnumMap<>(Family.class);
    private static final Map<Family, Compilations> COMPILATIONS = new EnumMap<>(Family.class);

    @BeforeAll
    static void runAll() {
        for (Family family : Family.values()) {
            String output = run(family);
            OUTPUTS.put(family, output);
            COMPILATIONS.put(family, new Compilations(output));
        }
    }

    private static String run(Family family) {
        ChildJvm child = ChildJvm.run(HealthMain.class, List.of("-XX:+PrintCompilation"), SECONDS + 200,
                Integer.toString(SECONDS), family.name());
        assertThat(child.output()).as(family.name()).contains("health complete");
        assertThat(child.exit()).as(family.name()).isZero();
        return child.output();
    }

    private static List<String> counts(String output) {
        return output.lines().filter(l -> l.startsWith("allocated ")).toList();
    }

    @Test
    void nothingIsSkipped() {
        COMPILATIONS.forEach((family, c) -> assertThat(c.skipped()).as(family.name()).isEmpty());
    }

    @Test
    void loopsAreOptimised() {
        assertThat(COMPILATIONS.values().stream().mapToLong(Compilations::fast).sum()).isGreaterThan(30);
        COMPILATIONS.forEach((family, c) -> assertThat(c.slow()).as(family.name()).isEmpty());
    }

    /// Not one byte per run after all others of the family have run in the same process.
    @Test
    void nothingIsAllocated() {
        assertThat(OUTPUTS.values().stream().mapToInt(o -> counts(o).size()).sum()).isGreaterThan(150);
        OUTPUTS.forEach((family, output) -> assertThat(counts(output)).as(family.name())
                .allMatch(count -> count.startsWith("allocated 0 bytes ")));
    }
}
