package dev.gatun.tests.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Every `java` block of the documentation compiles against the modules as they are. The rules for a block stand in
/// CONTRIBUTING, "Code in the documentation".
class DocumentationTest {
    @TempDir private Path folder;

    private static List<Path> pages() throws IOException {
        Path root = Checkout.root();
        List<Path> pages = new ArrayList<>(List.of(root.resolve("README.md"), root.resolve("CONTRIBUTING.md")));
        Path docs = root.resolve("docs");
        if (Files.isDirectory(docs)) {
            try (Stream<Path> files = Files.walk(docs)) {
                files.filter(f -> f.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }

    @TestFactory
    Stream<DynamicTest> samplesCompile() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (Path page : pages()) {
            samples.addAll(Sample.in(Checkout.root().relativize(page).toString(), Checkout.read(page)));
        }
        return samples.stream()
                .map(s -> DynamicTest.dynamicTest(s.place(), () -> assertThat(errors(s)).as(s.source()).isEmpty()));
    }

    @Test
    void samplesAreFoundAndJudged() throws IOException {
        String page = """
                ```java
                import java.util.List;
                // given: int n, List<String> names
                var all = List.of(n, names.size());
                ```
                ```java
                public class Whole { static int f() { return 1; } }
                ```
                ```java
                void main() { IO.println(java.util.List.of()); }
                ```
                ```java
                int x = "no";
                ```
                ```java
                dev.gatun.nn.NoSuchClass x;
                ```
                ```text
                not code
                ```
                """;
        List<Sample> samples = Sample.in("page.md", page);
        assertThat(samples).extracting(Sample::place)
                .containsExactly("page.md:1", "page.md:6", "page.md:9", "page.md:12", "page.md:15");
        List<Boolean> good = new ArrayList<>();
        for (Sample sample : samples) good.add(errors(sample).isEmpty());
        assertThat(good).containsExactly(true, true, true, false, false);
    }

    /// What javac says about the sample; empty when it compiles.
    private List<String> errors(Sample sample) throws IOException {
        String modulePath = Stream
                .concat(Checkout.MODULES.stream().filter(m -> !m.equals("tests")).map(Checkout::classes),
                        Stream.of(System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path", ""))
                                .flatMap(p -> Stream.of(p.split(java.io.File.pathSeparator)))
                                .filter(p -> p.endsWith(".jar")
                                        && !Path.of(p).getFileName().toString().startsWith("gatun-"))
                                .map(Path::of))
                .map(Path::toString).collect(Collectors.joining(java.io.File.pathSeparator));
        Path file = Files.writeString(folder.resolve(sample.typeName() + ".java"), sample.source());
        var said = new DiagnosticCollector<JavaFileObject>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(said, null, null)) {
            // The sample is in the unnamed module, as a first attempt by a reader would be.
            var options = List.of("-proc:none", "-d", folder.toString(), "--module-path", modulePath,
                    "--add-modules", "dev.gatun.onnx,dev.gatun.perf,jdk.incubator.vector");
            boolean compiled =
                    compiler.getTask(null, manager, said, options, null, manager.getJavaFileObjects(file)).call();
            if (compiled) return List.of();
        }
        return said.getDiagnostics().stream().map(Object::toString).toList();
    }
}
