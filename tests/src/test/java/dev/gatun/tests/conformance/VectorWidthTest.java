package dev.gatun.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.FastPath;
import dev.gatun.tests.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole kit again with the vector width forced, each in a JVM of its own.
class VectorWidthTest {
    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void conforms(int bits) {
        ChildJvm child = ChildJvm.run(ConformanceMain.class, List.of("-Dgatun.vector.bits=" + bits), 600);
        int widest = FastPath.detect().vectorBits();
        if (bits > widest) {
            assertThat(child.output()).contains("vectors of this processor have at most " + widest + " bits");
            assertThat(child.exit()).isNotZero();
            Assumptions.abort("not checked: this processor has no vectors of " + bits + " bits");
        }
        assertThat(child.output()).contains("failed 0");
        assertThat(child.exit()).as(child.output()).isZero();
    }
}
