package dev.gatun.perf.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.nn.Module;
import dev.gatun.nn.Summary;
import dev.gatun.ops.Generator;
import dev.gatun.perf.Arguments;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
    @Test
    void trainsSavesLoadsAndServes(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("figures.json");
        Options options =
                Options.parse(new String[] {"--epochs", "5", "--out", folder.resolve("out").toString(), "--json",
                    json.toString()});
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Figures figures = Demo.run(options, new PrintStream(said, true, StandardCharsets.UTF_8));
        assertThat(figures.accuracy()).isGreaterThan(0.96);
        assertThat(figures.sessionAccuracy()).isEqualTo(figures.accuracy());
        assertThat(figures.latency().p50()).isPositive();
        assertThat(figures.coldStartMillis()).isPositive();
        assertThat(Files.readString(json)).contains("\"accuracy\"", "\"train_seconds\"", "\"p50_us\"", "\"p99_us\"",
                "\"p999_us\"", "\"alloc_bytes_per_call\"", "\"cold_start_ms\"").doesNotContain("NaN");
        assertThat(folder.resolve("out")).isDirectoryContaining(p -> p.endsWith("learning-curve.svg"))
                .isDirectoryContaining(p -> p.endsWith("confusion.svg"))
                .isDirectoryContaining(p -> p.endsWith("digits.safetensors"));
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("true\\answer", "read ", "bytes per call", "█");
    }

    @Test
    void imagesAreDrawnSideBySide() {
        float[] square = {1, 0, 0.5f, 1};
        assertThat(DigitArt.draw(List.of(square, square), List.of("a", "b"), 2, 2))
                .isEqualTo("██    ██    \n▒▒██  ▒▒██  \na     b     \n");
        float[] wide = new float[32 * 32];
        assertThat(DigitArt.draw(List.of(wide), List.of("0"), 32, 32).lines()).hasSize(17);
    }

    @Test
    void theNetworkFitsTheImages() {
        Module small = DigitNetwork.of(8, 8, 10, Generator.of(1));
        assertThat(Summary.of(small, 3, 1, 8, 8).rows().getFirst().output().dims()).containsExactly(3, 10);
        Module large = DigitNetwork.of(28, 28, 47, Generator.of(1));
        assertThat(Summary.of(large, 2, 1, 28, 28).rows().getFirst().output().dims()).containsExactly(2, 47);
        assertThatThrownBy(() -> DigitNetwork.of(3, 3, 2, Generator.of(1))).hasMessageContaining("3×3");
    }

    @Test
    void optionsAreChecked() {
        assertThat(Options.parse(new String[0]).epochs()).isEqualTo(15);
        assertThat(Options.parse(new String[] {"--data", "x"}).epochs()).isEqualTo(3);
        assertThatThrownBy(() -> Options.parse(new String[] {"--threads", "0"}))
                .isInstanceOf(Arguments.UsageException.class);
    }
}
