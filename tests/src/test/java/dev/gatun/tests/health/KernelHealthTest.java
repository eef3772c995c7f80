package dev.gatun.tests.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.tests.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Every family in a JVM of its own under `-XX:+PrintCompilation`: what the compiler gives up, every generated loop
/// through the optimising compiler, what a run allocates on the Java heap.
class KernelHealthTest {
    private static final int SECONDS = 150;

    private static String output = "";
    private static Compilations compilations = new Compilations("");

    @BeforeAll
    static void runAll() {
        ChildJvm child = ChildJvm.run(HealthMain.class, List.of("-XX:+PrintCompilation"), SECONDS + 200,
                Integer.toString(SECONDS));
        output = child.output();
        compilations = new Compilations(output);
        assertThat(output).contains("health complete");
        assertThat(child.exit()).isZero();
    }

    @Test
    void nothingIsSkipped() {
        assertThat(compilations.skipped()).isEmpty();
    }

    @Test
    void loopsAreOptimised() {
        assertThat(compilations.fast()).isGreaterThan(30);
        assertThat(compilations.slow()).isEmpty();
    }

    /// Not one byte per run, of any kernel, after all others have run in the same process.
    @Test
    void nothingIsAllocated() {
        List<String> counts = output.lines().filter(l -> l.startsWith("allocated ")).toList();
        assertThat(counts).hasSizeGreaterThan(150).allMatch(l -> l.startsWith("allocated 0 bytes"));
    }
}
