package dev.gatun.perf.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DistributionTest {
    @Test
    void percentilesNeedEnoughCalls() {
        Distribution all = Distribution.of(LongStream.rangeClosed(1, 10_000).map(i -> (10_001 - i) * 1000).toArray());
        assertThat(all).isEqualTo(new Distribution(10_000, 5000, 9000, 9900, 9990, 9999, 10_000));
        Distribution few = Distribution.of(new long[] {3000, 1000, 2000});
        assertThat(few.p50()).isEqualTo(2);
        assertThat(few.p90()).isNaN();
        assertThat(few.p99()).isNaN();
        assertThat(few.max()).isEqualTo(3);
        assertThatThrownBy(() -> Distribution.of(new long[0])).hasMessageContaining("at least one call");
    }

    @Test
    void mediansLeaveTheirArrayAlone() {
        double[] values = {3, 1, 2, 10};
        assertThat(Distribution.median(values)).isEqualTo(2.5);
        assertThat(values).containsExactly(3, 1, 2, 10);
        assertThat(Distribution.median(new double[0])).isNaN();
    }
}
