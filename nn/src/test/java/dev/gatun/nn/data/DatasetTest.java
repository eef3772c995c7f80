package dev.gatun.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
    @Test
    void theDigitsComeWithTheLibrary() {
        ImageDataset digits = ImageDataset.digits();
        assertThat(digits.size()).isEqualTo(1797);
        assertThat(digits.classes()).isEqualTo(10);
        assertThat(IntStream.range(0, 10).map(digits::label)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        MemorySegment input = Arena.ofAuto().allocate(digits.layout().inputBytes(), 64);
        MemorySegment target = Arena.ofAuto().allocate(digits.layout().targetBytes(), 64);
        digits.read(0, input, 0, target, 0);
        // The first row of the file is 0,0,5,13,9,1,0,0, …
        assertThat(Arrays.copyOf(input.toArray(ValueLayout.JAVA_FLOAT), 8))
                .containsExactly(0, 0, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0, 0);
        assertThat(target.get(ValueLayout.JAVA_LONG, 0)).isZero();
    }

    @Test
    void randomSplitLosesAndDoublesNothing() {
        Dataset all = numbers(103);
        Dataset[] parts = all.randomSplit(7, 0.6, 0.2, 0.2);
        assertThat(Arrays.stream(parts).mapToInt(Dataset::size)).containsExactly(62, 20, 21);
        int[] seen = Arrays.stream(parts).flatMapToInt(DatasetTest::labels).toArray();
        assertThat(Arrays.stream(seen).sorted().toArray()).isEqualTo(IntStream.range(0, 103).toArray());
        assertThat(seen).isNotEqualTo(IntStream.range(0, 103).toArray());
        assertThat(labels(all.randomSplit(7, 0.6, 0.4)[0])).isEqualTo(labels(parts[0]).boxed().toList());
        assertThat(labels(all.randomSplit(8, 0.6, 0.4)[0])).isNotEqualTo(labels(parts[0]).boxed().toList());
        assertThatThrownBy(() -> all.randomSplit(7, 0.6, 0.6)).hasMessageContaining("add up to 1");
    }

    @Test
    void permutationsAreFixedForever() {
        assertThat(Permutation.of(8, 42, 0)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(Permutation.of(8, 42, 0)).isNotEqualTo(Permutation.of(8, 42, 1));
        assertThat(Permutation.of(0, 1, 0)).isEmpty();
    }

    @Test
    void subsetsCheckTheirIndices() {
        assertThatThrownBy(() -> numbers(3).subset(0, 3)).isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("index 3 at position 1 is outside 0 … 2");
        assertThat(labels(numbers(5).subset(4, 0).subset(1))).containsExactly(0);
    }

    @Test
    void idxFolders(@TempDir Path folder) throws IOException {
        byte[] images = HexFormat.of().parseHex("00000803000000020000000100000002" + "00ff3300");
        byte[] labels = HexFormat.of().parseHex("0000080100000002" + "0304");
        Files.write(folder.resolve("train-images-idx3-ubyte"), images);
        assertThatThrownBy(() -> ImageDataset.idx(folder, "train")).hasMessageContaining("train-labels-idx1-ubyte");
        Files.write(folder.resolve("train-labels-idx1-ubyte"), labels);
        ImageDataset set = ImageDataset.idx(folder, "train");
        assertThat(set.layout().inputDims()).containsExactly(1, 1, 2);
        assertThat(set.classes()).isEqualTo(5);
        MemorySegment input = Arena.ofAuto().allocate(16, 64);
        set.read(1, input, 8, input, 0);
        assertThat(input.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(4);
        assertThat(input.get(ValueLayout.JAVA_FLOAT, 8)).isEqualTo(0.2f);
        Files.write(folder.resolve("train-labels-idx1-ubyte"), HexFormat.of().parseHex("00000801" + "0000000103"));
        assertThatThrownBy(() -> ImageDataset.idx(folder, "train"))
                .hasMessageContaining("2 images need as many labels");
    }

    private static Dataset numbers(int n) {
        float[] inputs = new float[n];
        long[] labels = new long[n];
        for (int i = 0; i < n; i++) {
            inputs[i] = i;
            labels[i] = i;
        }
        return ArrayDataset.classes(inputs, new int[0], labels);
    }

    private static IntStream labels(Dataset set) {
        MemorySegment memory = Arena.ofAuto().allocate(16, 64);
        return IntStream.range(0, set.size()).map(i -> {
            set.read(i, memory, 0, memory, 8);
            return (int) memory.get(ValueLayout.JAVA_LONG, 8);
        });
    }
}
