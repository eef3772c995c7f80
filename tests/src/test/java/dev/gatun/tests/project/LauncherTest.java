package dev.gatun.tests.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.tests.project.FakeMachine.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

/// `./gatun` itself, under every POSIX shell of the machine, against JDKs and a Maven that only say what they were asked.
@ParameterizedClass
@MethodSource("shells")
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private final String shell;
    @TempDir private Path folder;
    private FakeMachine machine;

    LauncherTest(String shell) {
        this.shell = shell;
    }

    static List<String> shells() {
        return Stream.of("/bin/sh", "/usr/bin/dash", "/bin/bash", "/bin/zsh")
                .filter(s -> Files.isExecutable(Path.of(s))).toList();
    }

    @BeforeEach
    void machine() throws IOException {
        machine = FakeMachine.in(folder.toRealPath());
    }

    private Answer run(String... arguments) throws IOException, InterruptedException {
        return machine.run(shell, Map.of(), arguments);
    }

    @Test
    void helpListsTheCommands() throws Exception {
        Answer help = run("--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out()).contains("usage: ./gatun COMMAND", "demo", "test", "bench", "report", "info");
        assertThat(run("help")).isEqualTo(help);
    }

    @Test
    void noCommandIsAnErrorThatShowsTheHelp() throws Exception {
        Answer answer = run();
        assertThat(answer.exit()).isEqualTo(2);
        assertThat(answer.err()).contains("usage: ./gatun COMMAND");
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "test", "bench", "report", "info"})
    void everyCommandHasHelpWithoutAnyJdk(String command) throws Exception {
        Answer help = run(command, "--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out()).startsWith("usage: ./gatun " + command);
        assertThat(help.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"tset,test", "dmeo,demo", "bnch,bench", "infos,info", "reprot,report"})
    void unknownCommandNamesTheNearest(String typed, String meant) throws Exception {
        Answer answer = run(typed);
        assertThat(answer.exit()).isEqualTo(2);
        assertThat(answer.err()).contains("unknown command '" + typed + "'", "did you mean '" + meant + "'?");
    }

    @Test
    void unknownCommandFarFromAllNamesNone() throws Exception {
        Answer answer = run("xylophone");
        assertThat(answer.exit()).isEqualTo(2);
        assertThat(answer.err()).contains("unknown command 'xylophone'", "--help").doesNotContain("did you mean");
    }

    @Test
    void withoutAJdkItSaysWhatToInstall() throws Exception {
        machine.jdk("old", "17.0.15");
        Answer answer = run("info");
        assertThat(answer.exit()).isEqualTo(1);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).contains("no JDK 25 or newer found", "old (Java 17.0.15)", "apt-get install",
                "brew install",
                "GATUN_JAVA_HOME");
    }

    @Test
    void prefers25AmongTheInstalled() throws Exception {
        machine.jdk("a26", "26");
        machine.jdk("b17", "17.0.15");
        machine.jdk("c25", "25.0.3");
        machine.markBuilt();
        assertThat(run("info").out()).startsWith("ran c25\n");
    }

    @Test
    void takesANewerOneWhen25IsMissing() throws Exception {
        machine.jdk("a26", "26-ea");
        machine.jdk("b9", "9.0.1");
        machine.markBuilt();
        assertThat(run("info").out()).startsWith("ran a26\n");
    }

    @Test
    void skipsAJreAndAJdkWithoutTheVectorModule() throws Exception {
        Files.delete(machine.jdk("jre", "25.0.1").resolve("bin/javac"));
        Files.writeString(machine.jdk("cut", "25.0.1").resolve("release"),
                "JAVA_VERSION=\"25.0.1\"\nMODULES=\"java.base\"\n");
        assertThat(run("info").err()).contains("jre (Java 25.0.1 without javac)",
                "cut (Java 25.0.1 without the module jdk.incubator.vector)");
    }

    @Test
    void aJavaHomeThatIsTooOldIsPassedOver() throws Exception {
        Path old = machine.jdk("old", "17.0.15");
        machine.jdk("new", "25");
        machine.markBuilt();
        assertThat(machine.run(shell, Map.of("JAVA_HOME", old.toString()), "info").out()).startsWith("ran new\n");
    }

    @Test
    void theJavaOfThePathCountsThroughItsLinks() throws Exception {
        Path jdk = machine.jdk("linked", "25.0.3");
        Files.createSymbolicLink(machine.bin().resolve("java"), jdk.resolve("bin/java"));
        machine.markBuilt();
        assertThat(machine.run(shell, Map.of("GATUN_JDK_FOLDERS", "/nowhere"), "info").out())
                .startsWith("ran linked\n");
    }

    @Test
    void gatunJavaHomeWinsAndMustBeGood() throws Exception {
        Path mine = machine.jdk("mine", "26.0.1");
        Path old = machine.jdk("old", "21");
        machine.jdk("other", "25");
        machine.markBuilt();
        assertThat(machine.run(shell, Map.of("GATUN_JAVA_HOME", mine.toString()), "info").out())
                .startsWith("ran mine\n");
        Answer refused = machine.run(shell, Map.of("GATUN_JAVA_HOME", old.toString()), "info");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("GATUN_JAVA_HOME is " + old + ": Java 21");
    }

    @Test
    void argumentsArriveUnchanged() throws Exception {
        machine.jdk("j", "25");
        machine.markBuilt();
        Answer answer = machine.run(shell, Map.of("GATUN_JAVA_OPTS", "-Xmx1g -Da=b"), "demo", "--json", "my file.json",
                "*", "");
        String target = machine.checkout().resolve("perf/target").toString();
        assertThat(answer.out()).isEqualTo(String.join("\n", "ran j", "-Xmx1g", "-Da=b", "-p",
                target + "/classes:" + target + "/lib", "-m", "dev.gatun.perf/dev.gatun.perf.demo.Demo", "--json",
                "my file.json", "*", "", ""));
    }

    @Test
    void peersAreFetchedOnlyForTheSuitesThatUseThem() throws Exception {
        machine.jdk("j", "25");
        machine.markBuilt();
        machine.script("bin/mvn", "echo \"$*\" >>\"$HOME/maven.log\"\nmkdir -p peers/target/libtorch\n");
        Path log = folder.resolve("maven.log");
        for (String[] words : List.of(new String[] {"bench", "gemm"}, new String[] {"bench", "conv", "--no-peers"},
                new String[] {"report", "--from", "x"}, new String[] {"info"}, new String[] {"bench"})) {
            assertThat(run(words).exit()).isZero();
            assertThat(log).doesNotExist();
        }
        Answer first = run("bench", "conv", "--seconds", "1");
        assertThat(first.err()).contains("fetching ONNX Runtime and libtorch", "--no-peers");
        assertThat(first.out()).contains("-Dgatun.home=" + machine.checkout(), "conv\n--seconds\n1\n");
        assertThat(Files.readAllLines(log)).singleElement().asString().contains("-Ppeers", "-pl peers -am package");
        assertThat(run("report").err()).isEmpty();
        assertThat(Files.readAllLines(log)).hasSize(1);
    }

    @Test
    void peersThatCannotBeFetchedAreMissedWithoutAFuss() throws Exception {
        machine.jdk("j", "25");
        machine.markBuilt();
        machine.script("bin/mvn", "echo no network >&2; exit 1\n");
        Answer answer = run("bench", "models");
        assertThat(answer.exit()).isZero();
        assertThat(answer.err()).contains("no network", "could not be fetched");
        assertThat(answer.out()).startsWith("ran j\n");
    }

    @Test
    void buildsOnceAndAgainAfterAChange() throws Exception {
        machine.jdk("j", "25");
        machine.script("bin/mvn", "echo \"mvn $JAVA_HOME $*\" >>\"$HOME/maven.log\"\nmkdir -p perf/target/lib\n");
        assertThat(run("info").out()).startsWith("ran j\n");
        assertThat(run("info").exit()).isZero();
        Path log = folder.resolve("maven.log");
        assertThat(Files.readAllLines(log)).hasSize(1).first().asString()
                .startsWith("mvn " + machine.jdks().resolve("j")).endsWith("package");
        Path source = machine.checkout().resolve("perf/src/main/java/A.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run("info").exit()).isZero();
        assertThat(Files.readAllLines(log)).hasSize(2);
    }

    @Test
    void aFailedBuildRunsNothing() throws Exception {
        machine.jdk("j", "25");
        machine.script("bin/mvn", "echo broken; exit 1\n");
        for (int attempt = 0; attempt < 2; attempt++) {
            Answer answer = run("info");
            assertThat(answer.exit()).isEqualTo(1);
            assertThat(answer.out()).isEmpty();
            assertThat(answer.err()).contains("broken", "the build failed");
        }
    }

    @Test
    void withoutMavenItUsesTheWrapper() throws Exception {
        machine.jdk("j", "25");
        machine.script("my checkout/mvnw", "mkdir -p perf/target/lib; echo wrapper >&2\n");
        Answer answer = run("info");
        assertThat(answer.out()).startsWith("ran j\n");
        assertThat(answer.err()).contains("wrapper");
    }

    @ParameterizedTest
    @CsvSource({
        "10, 0, 0, 2, 0, 0, '8 passed, 0 failed, 2 skipped'",
        "10, 1, 2, 3, 0, 1, '4 passed, 3 failed, 3 skipped'",
        "0,  0, 0, 0, 0, 1, '0 passed, 0 failed, 0 skipped'",
        "3,  0, 0, 0, 1, 1, '3 passed, 0 failed, 0 skipped'"})
    void testEndsWithTheCounts(int tests, int failures, int errors, int skipped, int mavenExit, int exit, String line)
            throws Exception {
        machine.jdk("j", "25");
        machine.write("my checkout/ops/target/surefire-reports/TEST-stale.xml", "<testsuite tests=\"99\">");
        machine.script("bin/mvn", """
                mkdir -p ops/target/surefire-reports
                cat >ops/target/surefire-reports/TEST-x.xml <<'X'
                <testsuite name="a.B" time="1" tests="%d" errors="%d" skipped="%d" failures="%d" flakes="7">
                X
                exit %d
                """.formatted(tests, errors, skipped, failures, mavenExit));
        Answer answer = run("test");
        assertThat(answer.out().lines().toList()).last().isEqualTo(line);
        assertThat(answer.exit()).isEqualTo(exit);
    }

    @Test
    void testPassesNamesAndOptionsOn() throws Exception {
        machine.jdk("j", "25");
        machine.script("bin/mvn", "printf '[%s]' \"$@\"\n");
        Answer answer = run("test", "ATest", "-pl", "ops", "BTest#x y*", "-am", "-Dk=v w");
        assertThat(answer.out()).contains("[-Dtest=ATest,BTest#x y*]", "[-pl][ops][-am][-Dk=v w][verify]");
    }

    @Test
    void theWholeSuiteCompilesAnew() throws Exception {
        machine.jdk("j", "25");
        machine.script("bin/mvn", "ls -d ops/target/classes\n");
        machine.write("my checkout/ops/target/classes/A.class", "");
        assertThat(run("test", "ATest").out()).contains("ops/target/classes");
        assertThat(run("test").out()).doesNotContain("ops/target/classes");
    }

    @Test
    void theWholeSuiteIncludesTheFormat() throws Exception {
        machine.jdk("j", "25");
        machine.script("bin/mvn", """
                case "$*" in *spotless:check) echo untidy; exit 1 ;; esac
                mkdir -p ops/target/surefire-reports
                echo '<testsuite name="a.B" tests="5">' >ops/target/surefire-reports/TEST-x.xml
                """);
        Answer all = run("test");
        assertThat(all.out()).contains("untidy").endsWith("\n5 passed, 0 failed, 0 skipped\n");
        assertThat(all.exit()).isEqualTo(1);
        assertThat(run("test", "ATest").exit()).isZero();
    }
}
