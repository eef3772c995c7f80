package dev.gatun.ops.graph;

import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.ConvTuning;
import dev.gatun.kernels.FastPath;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.Kernels;
import dev.gatun.ops.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which algorithm the convolutions of a session use: the cheapest by estimate, the fastest of all that apply, or what was
/// the fastest when a file was written. The same file gives the same bits.
///
/// The file is text: the machine, then per line an algorithm, a tab, and the sizes it was chosen for with the candidates.
/// What was measured on other processors or with another number of threads is measured again and replaced.
public final class ConvChoices {
    private static final String TITLE = "# Gatun convolution choices, 1: ";

    private final Kernels kernels;
    private final Duration each;
    private final @Nullable Path file;
    private final Map<String, ConvAlgorithm> measured = new TreeMap<>();
    private boolean isChanged;

    private ConvChoices(Kernels kernels, Duration each, @Nullable Path file) {
        this.kernels = kernels;
        this.each = each;
        this.file = file;
    }

    /// By estimated cost.
    public static ConvChoices estimated(Kernels kernels) {
        return new ConvChoices(kernels, Duration.ZERO, null);
    }

    /// By running every candidate for about `each`.
    public static ConvChoices measured(Kernels kernels, Duration each) {
        return new ConvChoices(kernels, each, null);
    }

    /// As `file` says, and by running for what it does not hold; [#changed] has that too. The file need not exist, but its
    /// folder must.
    ///
    /// @throws UncheckedIOException when it cannot be read or has no folder
    /// @throws IllegalArgumentException when it is something else
    public static ConvChoices kept(Kernels kernels, Duration each, Path file) {
        ConvChoices choices = new ConvChoices(kernels, each, file);
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new UncheckedIOException(new NoSuchFileException(file.toString(), null,
                    "session: make the folder of the choices first"));
        }
        if (Files.exists(file)) {
            try {
                choices.read(Files.readAllLines(file));
            } catch (IOException e) {
                throw new UncheckedIOException("session: the choices in " + file + " cannot be read", e);
            }
        }
        return choices;
    }

    private void read(List<String> lines) {
        if (lines.isEmpty() || !lines.getFirst().startsWith(TITLE)) {
            throw new IllegalArgumentException("session: no file of convolution choices, name another: " + file);
        }
        if (!lines.getFirst().equals(TITLE + machine())) {
            return;
        }
        for (String line : lines.subList(1, lines.size())) {
            int tab = line.indexOf('\t');
            try {
                measured.put(line.substring(tab + 1), ConvAlgorithm.valueOf(line.substring(0, Math.max(0, tab))));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("session: not a convolution choice, delete the file to measure"
                        + " again: '" + line + "' in " + file, e);
            }
        }
    }

    private String machine() {
        FastPath path = FastPath.detect();
        return System.getProperty("os.arch") + ", vectors of " + path.vectorBits() + " bits, " + path.caches() + ", "
                + path.processors() + " processors, " + kernels.threads().count() + " threads";
    }

    ConvAlgorithm of(ImageLayout images, ConvSpec spec, Shape x, Shape w) {
        List<ConvAlgorithm> candidates = kernels.conv().algorithms(images, spec, x.dims(), w.dims());
        if (each.isZero() || candidates.size() == 1) {
            return candidates.getFirst();
        }
        // With the candidates, since a session without Winograd must not take what one with it chose.
        String key = images + " " + spec + " x " + x + " w " + w + " of " + candidates;
        return measured.computeIfAbsent(key, _ -> {
            isChanged = true;
            return ConvTuning.time(kernels.conv(), images, spec, x.dims(), w.dims(), each).getFirst().algorithm();
        });
    }

    /// The file's new text when something was measured, else null.
    public @Nullable String changed() {
        if (file == null || !isChanged) {
            return null;
        }
        StringBuilder text = new StringBuilder(TITLE + machine() + "\n");
        measured.forEach((key, algorithm) -> text.append(algorithm).append('\t').append(key).append('\n'));
        return text.toString();
    }
}
