package dev.gatun.tests.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Rules that hold for the source files themselves.
class SourcesTest {
    private static final int MOST_LINES = 600;

    private static List<Path> all() {
        List<Path> files = new ArrayList<>();
        for (String module : Checkout.MODULES)
            files.addAll(Checkout.javaFiles(Checkout.root().resolve(module).resolve("src")));
        return files;
    }

    @Test
    void filesFitInAHead() throws IOException {
        List<Path> files = all();
        assertThat(files).isNotEmpty();
        List<String> tooLong = new ArrayList<>();
        for (Path file : files) {
            try (var lines = Files.lines(file)) {
                long count = lines.count();
                if (count > MOST_LINES) tooLong.add(Checkout.root().relativize(file) + ": " + count + " lines");
            }
        }
        assertThat(tooLong).as("files over %d lines", MOST_LINES).isEmpty();
    }

    /// The bits of a float sum over lanes change when the call is compiled.
    @Test
    void kernelsSumLanesInAFixedOrder() {
        Pattern banned = Pattern.compile("reduceLanes\\s*\\(\\s*[\\w.]*\\b(ADD|MUL)\\b");
        List<String> found = Checkout.javaFiles(Checkout.sources("vector-kernels")).stream()
                .filter(f -> banned.matcher(withoutComments(Checkout.read(f))).find())
                .map(f -> Checkout.root().relativize(f).toString())
                .toList();
        assertThat(found).as("files that call reduceLanes(ADD or MUL)").isEmpty();
    }

    /// A vector that one of our methods takes or returns is boxed for ever in processes in which C2 does not inline the
    /// call (docs/kernels-jit.md).
    @Test
    void vectorsStayInOneMethod() {
        String vector = "(?:(?:Float|Double|Int|Long|Short|Byte)?Vector(?:<[^;{}()]*?>)?|Vector(?:Mask|Shuffle)<\\w+>)";
        Pattern returned =
                Pattern.compile("(?m)^    (?:(?:public|private|protected|static|final) )*" + vector + " \\w+\\(");
        Pattern taken = Pattern.compile("(?m)^    \\w[\\w<>?\\[\\], @]* \\w+\\((?:[^(){};]*,)?\\s*" + vector
                + " \\w+(?:,[^(){};]*)?\\)\\s*\\{");
        List<String> found = Checkout.javaFiles(Checkout.sources("vector-kernels")).stream().filter(f -> {
            String source = withoutComments(Checkout.read(f));
            return returned.matcher(source).find() || taken.matcher(source).find();
        }).map(f -> Checkout.root().relativize(f).toString()).toList();
        assertThat(found).as("files with methods that take or return vectors").isEmpty();
    }

    /// What C2 does not know about a segment it asks of profiles that the whole process shares (docs/kernels-jit.md).
    @Test
    void kernelsSayThatSegmentsAreOffHeap() {
        Pattern access = Pattern.compile("\\b(from|into)MemorySegment\\(");
        List<Path> kernels = Checkout.javaFiles(Checkout.sources("vector-kernels")).stream()
                .filter(f -> access.matcher(withoutComments(Checkout.read(f))).find()).toList();
        assertThat(kernels).hasSizeGreaterThan(20);
        List<String> silent = kernels.stream().filter(f -> !Checkout.read(f).contains("OffHeap.of("))
                .map(f -> Checkout.root().relativize(f).toString()).toList();
        assertThat(silent).as("files with vectors in segments that never call OffHeap.of").isEmpty();
    }

    private static String withoutComments(String source) {
        return source.replaceAll("(?m)//.*$", "").replaceAll("(?s)/\\*.*?\\*/", "");
    }

    /// javac's doclint can ask for comments only together with `@param` and `@return` on everything.
    @Test
    void whatIsExportedHasAComment() throws IOException {
        List<String> missing = new ArrayList<>();
        for (String module : Checkout.CORE) {
            Set<String> exported = ModuleFinder.of(Checkout.classes(module)).findAll().iterator().next().descriptor()
                    .exports().stream().filter(e -> !e.isQualified()).map(e -> e.source()).collect(Collectors.toSet());
            Path sources = Checkout.sources(module);
            List<Path> files = Checkout.javaFiles(sources).stream()
                    .filter(f -> exported.contains(sources.relativize(f.getParent()).toString().replace('/', '.')))
                    .toList();
            missing.addAll(MissingComments.in(files));
        }
        assertThat(missing).as("exported types and members without a /// comment").isEmpty();
    }
}
