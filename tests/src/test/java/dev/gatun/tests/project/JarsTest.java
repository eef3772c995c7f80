package dev.gatun.tests.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The jars hold nothing that a second build would change, and the descriptor that Maven's own jar step leaves out.
class JarsTest {
    @ParameterizedTest
    @ValueSource(strings = {"vector-kernels", "ops", "nn", "onnx"})
    void jarIsReproducibleAndModular(String module) throws IOException {
        Path target = Checkout.root().resolve(module).resolve("target");
        Path jar;
        try (Stream<Path> files = Files.list(target)) {
            jar = files
                    .filter(f -> f.getFileName().toString().matches("gatun-" + module + "-[0-9.]+(-SNAPSHOT)?\\.jar"))
                    .findFirst().orElse(null);
        }
        assumeTrue(jar != null, "no jar: this build stopped before the package phase");

        var descriptor = ModuleFinder.of(jar).findAll().iterator().next().descriptor();
        assertThat(descriptor.name())
                .isEqualTo(module.equals("vector-kernels") ? "dev.gatun.kernels" : "dev.gatun." + module);
        assertThat(descriptor.rawVersion()).isPresent();
        assertThat(descriptor.isAutomatic()).isFalse();
        try (JarFile file = new JarFile(jar.toFile())) {
            var times = new TreeSet<>(file.stream().map(ZipEntry::getTimeLocal).toList());
            assertThat(times).as("distinct times of entries").hasSize(1);
            var manifest = file.getManifest().getMainAttributes();
            assertThat(manifest.getValue("Created-By")).as("which JVM made it").isEqualTo("Gatun");
            assertThat(manifest.keySet()).extracting(Object::toString).noneMatch(k -> k.startsWith("Build"));
        }
    }
}
