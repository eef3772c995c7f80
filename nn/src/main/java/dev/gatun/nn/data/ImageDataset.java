package dev.gatun.nn.data;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.gatun.kernels.DType;
import dev.gatun.nn.io.FileFormatException;
import dev.gatun.nn.io.IdxFile;
import dev.gatun.nn.io.NumberTable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/// Grey images with a class each, kept as bytes: the input of a sample is `[1, height, width]` F32, each byte divided by
/// `scale` (so that white is 1), its target the label as I64 `[]`.
public final class ImageDataset implements Dataset {
    private final int height;
    private final int width;
    private final int scale;
    private final byte[] pixels;
    private final byte[] labels;
    private final int classes;

    /// `pixels` is `[labels.length, height, width]`, 0 to `scale`; labels are 0 to 255. The arrays are used, not copied.
    public ImageDataset(int height, int width, int scale, byte[] pixels, byte[] labels) {
        if ((long) labels.length * height * width != pixels.length) {
            throw new IllegalArgumentException(
                    "images: " + labels.length + " of " + height + "×" + width + " need "
                            + (long) labels.length * height * width + " bytes, found " + pixels.length);
        }
        this.height = height;
        this.width = width;
        this.scale = scale;
        this.pixels = pixels;
        this.labels = labels;
        int most = -1;
        for (byte label : labels) {
            most = Math.max(most, label & 0xFF);
        }
        this.classes = most + 1;
    }

    /// The UCI handwritten digits that come with Gatun: 1,797 images of 8×8 with values 0 to 16, ten classes.
    public static ImageDataset digits() {
        String name = "digits.csv.gz";
        try (InputStream in = ImageDataset.class.getResourceAsStream(name)) {
            NumberTable table = NumberTable.read(name, Objects.requireNonNull(in, name), 0);
            byte[] pixels = new byte[table.rows() * 64];
            byte[] labels = new byte[table.rows()];
            for (int i = 0; i < table.rows(); i++) {
                for (int j = 0; j < 64; j++) {
                    pixels[i * 64 + j] = (byte) table.at(i, j);
                }
                labels[i] = (byte) table.at(i, 64);
            }
            return new ImageDataset(8, 8, 16, pixels, labels);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Images and labels of one part of a folder in the MNIST family: `part` is `train` or `t10k`, the files are
    /// `part-images-idx3-ubyte` and `part-labels-idx1-ubyte`, plain or with `.gz`.
    public static ImageDataset idx(Path folder, String part) throws IOException {
        Path imageFile = find(folder, part + "-images-idx3-ubyte");
        Path labelFile = find(folder, part + "-labels-idx1-ubyte");
        IdxFile images = IdxFile.read(imageFile);
        IdxFile labels = IdxFile.read(labelFile);
        if (images.dims().length != 3) {
            throw new FileFormatException(
                    imageFile.toString(), 3,
                    "images need 3 dims (count, height, width), found " + images.dims().length);
        }
        if (labels.dims().length != 1 || labels.dims()[0] != images.dims()[0]) {
            throw new FileFormatException(
                    labelFile.toString(), 4, images.dims()[0] + " images need as many labels in one dim, found "
                            + java.util.Arrays.toString(labels.dims()));
        }
        return new ImageDataset(images.dims()[1], images.dims()[2], 255, images.bytes(), labels.bytes());
    }

    private static Path find(Path folder, String name) throws IOException {
        Path plain = folder.resolve(name);
        Path packed = folder.resolve(name + ".gz");
        if (Files.exists(plain)) {
            return plain;
        }
        if (Files.exists(packed)) {
            return packed;
        }
        throw new java.nio.file.NoSuchFileException(plain.toString(), null, "neither this file nor "
                + packed.getFileName()
                + " exists; an IDX folder holds train-images-idx3-ubyte, train-labels-idx1-ubyte and the same for t10k");
    }

    @Override
    public int size() {
        return labels.length;
    }

    /// One more than the largest label.
    public int classes() {
        return classes;
    }

    /// Rows of an image.
    public int height() {
        return height;
    }

    /// Columns of an image.
    public int width() {
        return width;
    }

    /// The label of sample `index`.
    public int label(int index) {
        return labels[index] & 0xFF;
    }

    @Override
    public Layout layout() {
        return new Layout(DType.F32, new int[] {1, height, width}, DType.I64, new int[0]);
    }

    @Override
    public void read(int index, MemorySegment input, long inputAt, MemorySegment target, long targetAt) {
        Objects.checkIndex(index, labels.length);
        int n = height * width;
        for (int i = 0; i < n; i++) {
            input.set(JAVA_FLOAT, inputAt + 4L * i, (pixels[index * n + i] & 0xFF) / (float) scale);
        }
        target.set(JAVA_LONG, targetAt, labels[index] & 0xFF);
    }
}
