package dev.gatun.perf.demo;

import dev.gatun.nn.data.Dataset;
import dev.gatun.nn.data.ImageDataset;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What the demo trains on and what it is judged by.
record DigitData(String name, Dataset train, Dataset test, int height, int width, int classes, int batchSize) {
    /// The UCI digits, a seeded fifth of them held out; or, with a folder, its IDX files as they are divided there.
    static DigitData load(@Nullable Path folder, long seed) throws IOException {
        if (folder == null) {
            ImageDataset digits = ImageDataset.digits();
            Dataset[] parts = digits.randomSplit(seed, 0.8, 0.2);
            return new DigitData("UCI handwritten digits", parts[0], parts[1], digits.height(), digits.width(),
                    digits.classes(), 64);
        }
        ImageDataset train = ImageDataset.idx(folder, "train");
        ImageDataset test = ImageDataset.idx(folder, "t10k");
        if (train.height() != test.height() || train.width() != test.width()) {
            throw new IllegalArgumentException("demo: training images are " + train.height() + "×" + train.width()
                    + ", test images " + test.height() + "×" + test.width());
        }
        return new DigitData(folder.toString(), train, test, train.height(), train.width(),
                Math.max(train.classes(), test.classes()), 128);
    }
}
