package dev.gatun.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.thread.Threads;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FastPathTest {
    /// Run in a JVM of its own: prints the name of the best kernels, or what is thrown.
    static final class Main {
        public static void main(String[] args) {
            try (Threads threads = Threads.of(1)) {
                System.out.println("kernels " + Kernels.best(threads).name());
            } catch (RuntimeException | LinkageError e) {
                System.out.println(e);
            }
        }
    }

    private static String run(String... options) throws Exception {
        String classes = Path.of(Kernels.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                + File.pathSeparator
                + Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classes, Main.class.getName()));
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        p.waitFor();
        return out;
    }

    @Test
    void classPathWithoutTheModuleSaysWhatToAdd() throws Exception {
        assertThat(run()).contains("NoFastPathException: fast path: the module jdk.incubator.vector is not in this JVM;"
                + " start java with --add-modules jdk.incubator.vector");
        assertThat(run("-Dgatun.kernels=reference")).contains("kernels reference");
    }

    @Test
    void withTheModuleTheVectorKernelsRun() throws Exception {
        String module = "--add-modules=jdk.incubator.vector";
        assertThat(run(module)).contains("kernels vector");
        assertThat(run(module, "-Dgatun.vector.bits=128")).contains("kernels vector");
        assertThat(run(module, "-Dgatun.vector.bits=96")).contains("-Dgatun.vector.bits must be 128, 256 or 512: 96");
        assertThat(run(module, "-Dgatun.kernels=fast")).contains("must be vector or reference: fast");
    }

    @Test
    void withoutC2ItRefuses() throws Exception {
        String module = "--add-modules=jdk.incubator.vector";
        assertThat(run(module, "-Xint")).contains("the C2 compiler is needed, this JVM has: none (interpreter)");
        assertThat(run(module, "-XX:TieredStopAtLevel=1"))
                .contains("the C2 compiler is needed, this JVM has: C1 (TieredStopAtLevel=1)");
    }

    @Test
    void cachesAreReadFromTheSystemsFiles(@TempDir Path folder) throws Exception {
        String[][] caches = {{"1", "Data", "48K"}, {"1", "Instruction", "32K"}, {"2", "Unified", "2M"}};
        for (int i = 0; i < caches.length; i++) {
            Path index = Files.createDirectory(folder.resolve("index" + i));
            Files.writeString(index.resolve("level"), caches[i][0] + "\n");
            Files.writeString(index.resolve("type"), caches[i][1] + "\n");
            Files.writeString(index.resolve("size"), caches[i][2] + "\n");
        }
        assertThat(CacheSizes.read(folder)).isEqualTo(new CacheSizes(48 << 10, 2 << 20, -1));
        assertThat(CacheSizes.read(folder.resolve("none"))).isEqualTo(CacheSizes.UNKNOWN);
    }

    @Test
    void linesNameEveryFact() {
        assertThat(FastPath.detect().lines()).hasSize(7).anyMatch(l -> l.startsWith("compiler"));
    }
}
