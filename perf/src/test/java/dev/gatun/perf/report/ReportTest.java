package dev.gatun.perf.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final String HEAD =
            ",\"machine\":\"A <CPU> & co\",\"jdk\":\"25\",\"flags\":\"\",\"commit\":\"abc\",\"date\":\"2026-01-01\"}";
    private static final String SPREAD = "{\"calls\":20000,\"p50\":2000,\"p90\":2100,\"p99\":2500,\"p999\":3000,"
            + "\"p9999\":null,\"max\":9000}";

    private static String row(String suite, String name, int threads, String unit, double gatun, String peers,
            String ratio, String more) {
        return "{\"suite\":\"" + suite + "\",\"name\":\"" + name + "\",\"threads\":" + threads + ",\"unit\":\"" + unit
                + "\",\"gatun\":" + gatun + ",\"peers\":{" + peers + "},\"ratio\":" + ratio + more + HEAD;
    }

    private static final String SAMPLE = "[" + String.join(",\n",
            row("machine", "peak of multiply-adds", 1, "GFLOP/s", 180, "", "null", ""),
            row("machine", "memory, a + s b", 1, "GB/s", 12, "", "null", ""),
            row("machine", "ulp exp", 1, "ulp", 0.88, "", "null", ""),
            row("gemm", "sgemm 64x64x64", 1, "GFLOP/s", 150, "\"openblas\":160,\"blis\":90", "0.94",
                    ",\"flops\":524288,\"bytes\":49152"),
            row("models", "resnet18", 1, "ms", 20, "\"onnxruntime\":32,\"libtorch\":44", "1.6",
                    ",\"alloc_bytes\":0,\"onnxruntime_alloc_bytes\":700,\"flops\":3.6e9,\"bytes\":5e7,\"latency_us\":"
                            + "{\"gatun\":" + SPREAD + ",\"onnxruntime\":" + SPREAD + "}"),
            row("models", "resnet18", 2, "ms", 11, "\"onnxruntime\":18", "1.63",
                    // Work without ceilings for two threads.
                    ",\"absent\":{\"libtorch\":\"not <there>\"},\"flops\":3.6e9,\"bytes\":5e7"),
            row("training", "demo-cnn batch 64", 1, "ms", 20, "\"libtorch\":21", "1.05",
                    ",\"gatun_steps_per_second\":50,\"libtorch_steps_per_second\":47.6,\"gatun_peak_mb\":300,"
                            + "\"libtorch_peak_mb\":260"),
            row("start", "mlp first answer", 2, "s", 0.9, "\"onnxruntime\":0.4", "0.444", ""),
            row("session", "mlp polluted", 2, "ms", 0.0101, "", "0.99", ",\"clean\":0.01"),
            row("session", "mlp two callers", 1, "x", 1.95, "\"onnxruntime\":1.9", "1.02", "")) + "]";

    private static String page() throws IOException {
        return Page.of(Measured.read(SAMPLE));
    }

    @Test
    void nothingIsFetchedFromAnywhere() throws IOException {
        assertThat(page()).doesNotContain("http:", "https:", "src=", "<link", "<script", "@import", "url(");
    }

    @Test
    void everyChartHasATableAndAllPartsAreThere() throws IOException {
        String page = page();
        int figures = count(page, "<figure>");
        assertThat(figures).isGreaterThan(10);
        assertThat(count(page, "<svg ")).isEqualTo(figures);
        assertThat(Pattern.compile("<figure>.*?<svg .*?</svg>.*?<table>.*?</figure>", Pattern.DOTALL).matcher(page)
                .results().count()).isEqualTo(figures);
        assertThat(page).contains("<h2>At a glance", "<h2>Beside the peers", "<h2>Latency", "<h2>Share of the machine",
                "<h2>Threads", "<h2>Training", "<h2>Start-up", "<h2>Under pressure", "<h2>Allocation",
                "<h2>Accuracy of the functions", "prefers-color-scheme: dark");
    }

    @Test
    void theHeadSaysOnWhatItWasMeasured() throws IOException {
        assertThat(page()).contains("<td>A &lt;CPU&gt; &amp; co</td>", "<td>abc</td>", "<td>25</td>", "2026-01-01");
    }

    @Test
    void whatAPeerWinsStandsThereAsWell() throws IOException {
        String behind = page().substring(page().indexOf("Where a peer is ahead"));
        behind = behind.substring(0, behind.indexOf("</table>"));
        assertThat(behind).contains("sgemm 64x64x64", "openblas", "mlp first answer", "0.444", "mlp polluted")
                .doesNotContain("resnet18");
        assertThat(page()).contains("libtorch absent: not &lt;there&gt;", "class=\"c-behind\"", "class=\"c-ahead\"");
    }

    @Test
    void drawingsAreWellFormed() throws IOException {
        List<String> drawings = Pattern.compile("<svg .*?</svg>", Pattern.DOTALL).matcher(page()).results()
                .map(r -> r.group()).toList();
        assertThat(drawings).isNotEmpty();
        for (String svg : drawings) {
            assertThat(svg).doesNotContain("NaN", "Infinity");
            Deque<String> open = new ArrayDeque<>();
            var tags = Pattern.compile("<(/?)(\\w+)((?:\\s+[\\w-]+=\"[^\"<]*\")*)(/?)>|[<>]").matcher(svg);
            while (tags.find()) {
                assertThat(tags.group(2)).as("a bare angle in " + svg).isNotNull();
                if (!tags.group(1).isEmpty()) {
                    assertThat(open.pop()).isEqualTo(tags.group(2));
                } else if (tags.group(4).isEmpty()) {
                    open.push(tags.group(2));
                }
            }
            assertThat(open).isEmpty();
        }
    }

    @Test
    void readsTheFilesOfAFolderAndNamesTheBadOne(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("a.json"), SAMPLE);
        Files.writeString(folder.resolve("notes.txt"), "not rows");
        List<Measured> rows = Measured.readAll(folder);
        assertThat(rows).hasSize(10);
        assertThat(rows.get(4).bestPeer()).isEqualTo("onnxruntime");
        assertThat(rows.get(3).bestPeer()).isEqualTo("openblas");
        assertThat(rows.get(0).ratio()).isNaN();
        Files.writeString(folder.resolve("b.json"), "{\"accuracy\": 1}");
        assertThatThrownBy(() -> Measured.readAll(folder)).isInstanceOf(IOException.class)
                .hasMessageContaining("b.json").hasMessageContaining("no rows");
    }

    @Test
    void axesHaveRoundNumbers() {
        assertThat(Scale.linear(1.7, 0, 100).ticks()).containsExactly(0.0, 0.5, 1.0, 1.5, 2.0);
        assertThat(Scale.logarithmic(0.03, 4, 0, 100).ticks()).first().isEqualTo(0.02);
        assertThat(Scale.linear(10, 0, 100).place(5)).isEqualTo(50);
        assertThat(Html.figure(0.0123456)).isEqualTo("0.0123");
        assertThat(Html.figure(12345)).isEqualTo("12,345");
        assertThat(Html.figure(Double.NaN)).isEqualTo("–");
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }
}
