package dev.gatun.nn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.nn.metrics.ConfusionMatrix.Average;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
    /// 1400 carp in a pond of 2300; a net brings up 1000 animals, 700 of them carp.
    @Test
    void theCarpPond() {
        ConfusionMatrix pond = new ConfusionMatrix(2);
        add(pond, 1, 1, 700);
        add(pond, 1, 0, 700);
        add(pond, 0, 1, 300);
        add(pond, 0, 0, 600);
        assertThat(pond.precision(1)).isEqualTo(0.7);
        assertThat(pond.recall(1)).isEqualTo(0.5);
        assertThat(pond.f1(1)).isCloseTo(0.583, within(0.0005));
        assertThat(pond.specificity(1)).isEqualTo(600 / 900.0);
        assertThat(pond.accuracy()).isEqualTo(1300 / 2300.0);
    }

    @Test
    void averagesOverThreeClasses() {
        ConfusionMatrix m = new ConfusionMatrix(3);
        add(m, 0, 0, 8);
        add(m, 0, 1, 2);
        add(m, 1, 1, 3);
        add(m, 1, 2, 1);
        add(m, 2, 0, 1);
        add(m, 2, 2, 1);
        // precision 8/9, 3/5, 1/2; recall 8/10, 3/4, 1/2; support 10, 4, 2
        assertThat(m.precision(Average.MACRO)).isCloseTo((8 / 9.0 + 0.6 + 0.5) / 3, within(1e-12));
        assertThat(m.recall(Average.MACRO)).isCloseTo((0.8 + 0.75 + 0.5) / 3, within(1e-12));
        assertThat(m.precision(Average.WEIGHTED)).isCloseTo((80 / 9.0 + 4 * 0.6 + 2 * 0.5) / 16, within(1e-12));
        assertThat(m.f1(Average.WEIGHTED))
                .isCloseTo((10 * 16 / 19.0 + 4 * 6 / 9.0 + 2 * 2 / 4.0) / 16, within(1e-12));
        assertThat(m.f1(Average.MICRO)).isEqualTo(12 / 16.0).isEqualTo(m.accuracy());
        assertThat(m.toString()).contains("80.0%");
    }

    @Test
    void aClassNobodyAnsweredScoresZero() {
        ConfusionMatrix m = new ConfusionMatrix(2);
        assertThat(m.accuracy()).isZero();
        add(m, 1, 0, 3);
        assertThat(m.precision(1)).isZero();
        assertThat(m.recall(1)).isZero();
        assertThat(m.f1(1)).isZero();
        assertThatThrownBy(() -> m.add(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void topK() {
        float[] scores = {9, 0.1f, 0.7f, 0.7f, 0.2f};
        assertThat(TopK.argmax(scores, 1, 5)).isEqualTo(1);
        assertThat(TopK.contains(scores, 1, 5, 1, 1)).isTrue();
        assertThat(TopK.contains(scores, 1, 5, 2, 1)).isFalse();
        assertThat(TopK.contains(scores, 1, 5, 2, 2)).isTrue();
        assertThat(TopK.contains(scores, 1, 5, 0, 3)).isFalse();
        assertThat(TopK.contains(scores, 1, 5, 0, 4)).isTrue();
        float[] broken = {1, Float.NaN, 3};
        assertThat(TopK.argmax(broken, 0, 3)).isEqualTo(1);
        assertThat(TopK.contains(broken, 0, 3, 1, 2)).isFalse();
    }

    private static void add(ConfusionMatrix m, int truth, int answer, int times) {
        for (int i = 0; i < times; i++) {
            m.add(truth, answer);
        }
    }
}
