package dev.gatun.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.perf.fork.JavaCommand;
import dev.gatun.perf.measure.Distribution;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {
    private static BenchOptions parse(String... words) {
        return BenchOptions.parse(words, 0);
    }

    @Test
    void optionsInAnyOrder() {
        BenchOptions o =
                parse("--seconds", "0.5", "--no-peers", "--only", "conv[13]", "--json", "a b.json", "--threads",
                        "3");
        assertThat(o.threads()).isEqualTo(3);
        assertThat(o.seconds()).isEqualTo(0.5);
        assertThat(o.peers()).isFalse();
        assertThat(o.json()).isEqualTo(Path.of("a b.json"));
        assertThat(o.wants("x conv3")).isTrue();
        assertThat(o.wants("conv2")).isFalse();
        assertThat(parse().peers()).isTrue();
        assertThat(parse().threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @ParameterizedTest
    @CsvSource({"--threads 0,threads must be 1", "--threads x,--threads cannot be x", "--seconds -1,seconds above 0",
        "--seconds NaN,seconds above 0", "--only *,--only cannot be *", "--json,without a value",
        "--fast 1,unknown option: --fast"})
    void wrongOptionsSayWhy(String line, String why) {
        assertThatThrownBy(() -> parse(line.split(" "))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @Test
    void everySuiteThatIsPromisedIsThere() {
        assertThat(Bench.SUITES.stream().map(Suite::name)).contains("gemm", "conv", "layers", "models", "training",
                "session", "start").doesNotHaveDuplicates();
        assertThat(Bench.suite("models").summary()).contains("networks");
    }

    @ParameterizedTest
    @CsvSource({"modls,models", "training1,training", "sessions,session"})
    void unknownSuiteNamesTheNearest(String typed, String meant) {
        assertThatThrownBy(() -> Bench.suite(typed)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown suite: " + typed).hasMessageContaining("did you mean '" + meant + "'?");
    }

    @Test
    void unknownSuiteFarFromAllListsThem() {
        assertThatThrownBy(() -> Bench.suite("xylophones")).hasMessageContaining("there are gemm, conv")
                .hasMessageNotContaining("did you mean");
    }

    private record Answer(int exit, String out, String err) {}

    private static Answer run(Class<?> main, String... words) throws Exception {
        List<String> command = JavaCommand.like(main.getName(), List.of("-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), out, err);
    }

    @Test
    void wrongCommandLinesExitWithTwo() throws Exception {
        Answer unknown = run(Bench.class, "gem");
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err()).contains("unknown suite: gem (did you mean 'gemm'?)", "see --help");
        Answer option = run(Bench.class, "gemm", "--thread", "1");
        assertThat(option.exit()).isEqualTo(2);
        assertThat(option.err()).contains("unknown option: --thread");
        Answer report = run(dev.gatun.perf.report.Report.class, "--from", "no/such/folder");
        assertThat(report.exit()).isEqualTo(2);
        assertThat(report.err()).contains("no such folder");
    }

    @ParameterizedTest
    @ValueSource(classes = {Bench.class, dev.gatun.perf.report.Report.class})
    void helpNamesEveryOption(Class<?> main) throws Exception {
        Answer help = run(main, "--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out()).startsWith("usage:").contains("--seconds", "--json", "--no-peers");
    }

    private static final Machine MACHINE =
            new Machine("Some \"CPU\"", 2, "25", "Linux", "-Xmx1g", "abc+", "2026-01-01 00:00 UTC");

    @Test
    void rowsAreJsonWithThePromisedMembersFirst() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        BenchReport report = new BenchReport(new PrintStream(printed, true, StandardCharsets.UTF_8), "models", MACHINE);
        report.titles("models", List.of("onnxruntime", "libtorch"));
        Distribution d = Distribution.of(LongStream.rangeClosed(1, 200).map(i -> i * 1000).toArray());
        report.row(new Row("a \"b\"", 2, "ms", 0.0123456789, Map.of("onnxruntime", 0.02), 1.62, 0,
                Map.of("gatun", d), Map.of("libtorch", "not downloaded"), Map.of("flops", 231211008.0)));
        assertThat(report.json()).isEqualTo("""
                [
                {"name":"a \\"b\\"","threads":2,"unit":"ms","gatun":0.0123457,"peers":{"onnxruntime":0.02},"ratio":1.62,\
                "alloc_bytes":0,"absent":{"libtorch":"not downloaded"},"latency_us":{"gatun":{"calls":200,"p50":100,\
                "p90":180,"p99":198,"p999":null,"p9999":null,"max":200}},"flops":231211000,"suite":"models",\
                "machine":"Some \\"CPU\\", 2 processors, Linux","jdk":"25","flags":"-Xmx1g","commit":"abc+",\
                "date":"2026-01-01 00:00 UTC"}
                ]
                """);
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("0.01235", "absent", "1.620",
                "libtorch absent: not downloaded", "p99 0.1980", "p99.9 -");
    }

    @Test
    void theRatioIsAboveOneWhereGatunIsAhead() {
        assertThat(Row.of("x", 1, "ms", 2, Map.of("a", 3.0, "b", 4.0), 0).ratio()).isEqualTo(1.5);
        assertThat(Row.of("x", 1, "GFLOP/s", 90, Map.of("a", 100.0, "b", 60.0), 0).ratio()).isEqualTo(0.9);
        assertThat(Row.of("x", 1, "ms", 2, Map.of(), 0).ratio()).isNaN();
        assertThatThrownBy(() -> Row.of("x", 1, "bananas", 2, Map.of(), 0)).hasMessageContaining("direction");
    }

    @Test
    void ratiosComeFromPairedSlices() {
        Distribution d = Distribution.of(new long[] {1});
        // The machine slowed down by half in the last round; each round still says that the other takes twice as long.
        Contest.Outcome gatun = new Contest.Outcome(d, 0, new double[] {100, 100, 150});
        Contest.Outcome other = new Contest.Outcome(d, 0, new double[] {200, 200, 300});
        assertThat(gatun.ratioTo(other)).isEqualTo(2);
    }

    @Test
    void theBetterVariantIsThePeer() {
        Map<String, Contest.Outcome> outcomes = Map.of(
                "onnxruntime spinning", new Contest.Outcome(Distribution.of(new long[] {9000}), 0, new double[] {9000}),
                "onnxruntime parking", new Contest.Outcome(Distribution.of(new long[] {7000}), 0, new double[] {7000}));
        List<Peers.Kind> kinds = List.of(new Peers.Kind("onnxruntime", "onnxruntime spinning", Map.of()),
                new Peers.Kind("onnxruntime", "onnxruntime parking", Map.of()));
        assertThat(Contest.best(outcomes, kinds).get("onnxruntime").latency().p50()).isEqualTo(7);
    }

    @Test
    void differentAnswersAreFound() {
        float[] a = {1, 2, 1000};
        assertThat(Answers.difference(a, new float[] {1.5f, 2, 1000})).isEmpty();
        assertThat(Answers.difference(a, new float[] {1, 2, 1002})).contains("number 2 is 1000.0 in Gatun and 1002.0");
        assertThat(Answers.difference(new float[] {Float.NaN}, new float[] {1})).contains("NaN");
        assertThat(Answers.difference(a, new float[2])).isEqualTo("3 numbers instead of 2");
    }

    @Test
    void peersThatAreNotThereSaySo() {
        try (Peers left = new Peers(parse("--no-peers"), Peers.NAMES)) {
            assertThat(left.kinds()).isEmpty();
            assertThat(left.absent()).containsEntry("libtorch", "left out by --no-peers");
        }
        BenchOptions nowhere = new BenchOptions(2, 1, java.util.regex.Pattern.compile(""), null, true,
                Path.of("/nowhere"));
        try (Peers missing = new Peers(nowhere, Peers.NAMES)) {
            assertThat(missing.absent()).containsEntry("onnxruntime", "not downloaded").hasSize(2);
        }
    }

    @Test
    void steadyIsWhenCallsStayNearTheLastOnes() {
        long[] nanos = new long[100];
        java.util.Arrays.fill(nanos, 1_000_000);
        java.util.Arrays.fill(nanos, 0, 10, 100_000_000);
        // Nine calls from the sixth on have a median within bounds: five of them are fast ones.
        assertThat(StartSuite.secondsToSteady(nanos)).isCloseTo(0.6, within(0.11));
        assertThat(StartSuite.secondsToSteady(new long[] {5})).isZero();
    }
}
