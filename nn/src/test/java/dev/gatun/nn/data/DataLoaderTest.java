package dev.gatun.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataLoaderTest {
    private static final int SIZE = 23;
    private static final Dataset DATA = data();

    private static Dataset data() {
        float[] inputs = new float[SIZE * 2];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = i;
        }
        return ArrayDataset.classes(inputs, new int[] {2}, LongStream.range(0, SIZE).toArray());
    }

    private static List<Long> labels(DataLoader loader, int epoch) {
        List<Long> all = new ArrayList<>();
        try (Batches batches = loader.epoch(epoch)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                long[] labels = batch.target().toLongs();
                assertThat(batch.input().shape().dims()).containsExactly(labels.length, 2);
                assertThat(batch.target().shape().dims()).containsExactly(labels.length);
                for (int i = 0; i < labels.length; i++) {
                    assertThat(batch.input().get(i, 1)).isEqualTo(2 * labels[i] + 1);
                    all.add(labels[i]);
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 50})
    void everySampleOnceInAnOrderOfSeedAndEpoch(int prefetch) {
        DataLoader plain = DataLoader.of(DATA, 5).withPrefetch(prefetch);
        List<Long> inOrder = LongStream.range(0, SIZE).boxed().toList();
        assertThat(plain.steps()).isEqualTo(5);
        assertThat(labels(plain, 3)).isEqualTo(inOrder);
        DataLoader shuffled = plain.withShuffle(9);
        assertThat(labels(shuffled, 0)).isNotEqualTo(inOrder).containsExactlyInAnyOrderElementsOf(inOrder);
        assertThat(labels(shuffled, 0)).isEqualTo(labels(shuffled.withPrefetch(1), 0));
        assertThat(labels(shuffled, 0)).isNotEqualTo(labels(shuffled, 1))
                .isNotEqualTo(labels(shuffled.withShuffle(8), 0));
        DataLoader full = shuffled.withDropLast();
        assertThat(full.steps()).isEqualTo(4);
        assertThat(full.samples()).isEqualTo(20);
        assertThat(labels(full, 0)).isEqualTo(labels(shuffled, 0).subList(0, 20));
    }

    @Test
    void nothingToLoadIsNoStep() {
        assertThat(labels(DataLoader.of(DATA.subset(), 5), 0)).isEmpty();
        assertThat(DataLoader.of(DATA.subset(1, 2), 5).withDropLast().steps()).isZero();
        assertThatThrownBy(() -> DataLoader.of(DATA, 0)).hasMessageContaining("batch size");
    }

    @Test
    void anEpochLeftEarlyEndsItsThread() throws InterruptedException {
        Batches batches = DataLoader.of(DATA, 1).epoch(0);
        batches.next();
        batches.close();
        assertThat(batches.hasNext()).isFalse();
        assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
        for (int i = 0; i < 200 && isLoading(); i++) {
            Thread.sleep(10);
        }
        assertThat(isLoading()).isFalse();
    }

    private static boolean isLoading() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals("gatun-data"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void aSampleThatCannotBeReadIsReportedOnce(int prefetch) {
        Dataset broken = new Dataset() {
            @Override
            public int size() {
                return SIZE;
            }

            @Override
            public Layout layout() {
                return DATA.layout();
            }

            @Override
            public void read(int index, MemorySegment input, long inputAt, MemorySegment target, long targetAt) {
                if (index == 7) {
                    throw new IllegalArgumentException("sample 7 is damaged");
                }
                DATA.read(index, input, inputAt, target, targetAt);
            }
        };
        try (Batches batches = DataLoader.of(broken, 5).withPrefetch(prefetch).epoch(0)) {
            assertThat(batches.next().size()).isEqualTo(5);
            assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("batch 1 could not be read").hasMessageContaining("sample 7 is damaged");
            assertThat(batches.hasNext()).isFalse();
        }
    }
}
