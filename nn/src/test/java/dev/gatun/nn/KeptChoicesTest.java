package dev.gatun.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.Winograd;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Algorithms of convolutions that are measured once and read again.
class KeptChoicesTest {
    private final Conv2d module = new Conv2d(16, 24, ConvOptions.kernel(3).withPadding(1), Generator.of(1));
    private final Tensor x = Generator.of(5).normal(0, 1, 2, 16, 20, 20);

    @TempDir private Path folder;

    private SessionBuilder builder() {
        return Session.builder(module).warmUp(Duration.ZERO).input(x.shape());
    }

    private float[] answer(SessionBuilder builder) {
        try (Session session = builder.build()) {
            return session.run(x).toFloats();
        }
    }

    @Test
    void whatWasMeasuredIsReadAgain() throws IOException {
        Path file = folder.resolve("choices");
        float[] first = answer(builder().tune(file));
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(2);
        assertThat(answer(builder().tune(file))).containsExactly(first);
        assertThat(Files.readAllLines(file)).isEqualTo(lines);
    }

    @Test
    void theFileDecides() throws IOException {
        Path file = folder.resolve("choices");
        float[] direct = answer(builder().winograd(Winograd.OFF));
        float[] estimated = answer(builder());
        assertThat(estimated).isNotEqualTo(direct);
        answer(builder().tune(file));
        for (boolean winograd : new boolean[] {false, true}) {
            List<String> lines = Files.readAllLines(file);
            String key = lines.get(1).substring(lines.get(1).indexOf('\t'));
            Files.write(file, List.of(lines.get(0), (winograd ? "WINOGRAD_4" : "DIRECT") + key));
            assertThat(answer(builder().tune(file))).containsExactly(winograd ? estimated : direct);
        }
    }

    @Test
    void whatOthersMeasuredIsMeasuredAgain() throws IOException {
        Path file = folder.resolve("choices");
        answer(builder().tune(file));
        List<String> lines = Files.readAllLines(file);
        Files.write(file, List.of(lines.get(0) + " of another kind", lines.get(1)));
        answer(builder().tune(file));
        assertThat(Files.readAllLines(file).getFirst()).isEqualTo(lines.getFirst());
    }

    @Test
    void sessionsWithoutWinogradDoNotTakeIt() throws IOException {
        Path file = folder.resolve("choices");
        answer(builder().tune(file));
        assertThat(answer(builder().winograd(Winograd.OFF).tune(file)))
                .containsExactly(answer(builder().winograd(Winograd.OFF)));
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path file = folder.resolve("choices");
        Files.writeString(file, "weights");
        assertThatThrownBy(() -> builder().tune(file).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no file of convolution choices");
        assertThat(Files.readString(file)).isEqualTo("weights");
        answer(builder().tune(folder.resolve("good")));
        Files.writeString(file, Files.readAllLines(folder.resolve("good")).getFirst() + "\nFFT\tx\n");
        assertThatThrownBy(() -> builder().tune(file).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("FFT").hasMessageContaining("delete the file");
        assertThatThrownBy(() -> builder().tune(folder.resolve("absent").resolve("choices")).build())
                .isInstanceOf(UncheckedIOException.class);
    }
}
