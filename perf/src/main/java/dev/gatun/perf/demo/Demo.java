package dev.gatun.perf.demo;

import dev.gatun.nn.ModelFile;
import dev.gatun.nn.Module;
import dev.gatun.nn.Summary;
import dev.gatun.nn.data.Batch;
import dev.gatun.nn.data.Batches;
import dev.gatun.nn.data.DataLoader;
import dev.gatun.nn.io.AtomicFile;
import dev.gatun.nn.loss.Losses;
import dev.gatun.nn.metrics.ConfusionMatrix;
import dev.gatun.nn.metrics.TopK;
import dev.gatun.nn.optim.Adam;
import dev.gatun.nn.optim.Schedule;
import dev.gatun.nn.train.Evaluation;
import dev.gatun.nn.train.History;
import dev.gatun.nn.train.Progress;
import dev.gatun.nn.train.Svg;
import dev.gatun.nn.train.Trainer;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Scope;
import dev.gatun.perf.Arguments;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// `gatun demo`: trains a small network on real digits, shows how well it reads them, saves it, loads it again and
/// measures the compiled session.
public final class Demo {
    private final Options options;
    private final PrintStream out;

    private Demo(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /// Runs the demo; exits with 2 for wrong arguments, with 1 when a file cannot be read or written.
    public static void main(String[] words) throws InterruptedException {
        if (List.of(words).contains("--help")) {
            System.out.print(Options.HELP);
            return;
        }
        Options options;
        try {
            options = Options.parse(words);
        } catch (Arguments.UsageException e) {
            System.err.println("demo: " + e.getMessage() + "; ./gatun demo --help says more");
            System.exit(2);
            return;
        }
        // Block characters must arrive whatever the default encoding of the terminal's locale.
        try {
            run(options, new PrintStream(System.out, true, StandardCharsets.UTF_8));
        } catch (IOException e) {
            // A wrong path or a broken file is the user's to mend: say what is wrong, not where in this program.
            System.err.println("demo: " + e.getMessage());
            System.exit(1);
        }
    }

    /// What `main` does, for a test.
    static Figures run(Options options, PrintStream out) throws IOException, InterruptedException {
        return new Demo(options, out).run();
    }

    private Figures run() throws IOException, InterruptedException {
        try (Engine engine = Engine.builder().threads(options.threads()).build()) {
            DigitData data = DigitData.load(options.data(), options.seed());
            out.printf(Locale.ROOT,
                    "%s: %,d images of %d×%d to train on, %,d held out; %s kernels, %d threads, seed %d%n%n",
                    data.name(),
                    data.train().size(), data.height(), data.width(), data.test().size(), engine.kernels().name(),
                    options.threads(), options.seed());
            Figures figures = engine.call(() -> trainAndSave(data));
            figures = Serving.measure(data, modelFile(), out, figures);
            if (options.json() != null) {
                AtomicFile.writeText(options.json(), figures.toJson());
            }
            return figures;
        }
    }

    private Path modelFile() {
        return options.out().resolve("digits.safetensors");
    }

    private Figures trainAndSave(DigitData data) {
        Generator generator = Generator.of(options.seed());
        Module network = DigitNetwork.of(data.height(), data.width(), data.classes(), generator);
        out.println(Summary.of(network, 1, 1, data.height(), data.width()));
        DataLoader train = DataLoader.of(data.train(), data.batchSize()).withShuffle(options.seed()).withDropLast();
        DataLoader test = DataLoader.of(data.test(), 256);
        Adam adam = Adam.adamW(network.parameters(), 0.01, 0.01);
        long start = System.nanoTime();
        History history = Trainer.of(network, adam, Losses::crossEntropy).withEpochs(options.epochs())
                .withSchedule(Schedule.oneCycle((long) options.epochs() * train.steps()))
                .withProgress(Progress.terminal()).fit(train, test);
        double seconds = (System.nanoTime() - start) / 1e9;
        Evaluation judged = Trainer.evaluate(network, test, Losses::crossEntropy);
        ConfusionMatrix confusion = judged.confusion();
        if (confusion == null) {
            throw new IllegalStateException("demo: the test data holds no labels");
        }
        out.printf(Locale.ROOT,
                "%ntrained in %.1f s; %.2f %% of the %,d held-out images read right (macro F1 %.4f)%n%n", seconds,
                100 * judged.accuracy(), judged.samples(), confusion.f1(ConfusionMatrix.Average.MACRO));
        out.println(confusion);
        show(network, data);
        write(network, history, confusion);
        network.close();
        return Figures.ofTraining(judged.accuracy(), seconds, options.epochs(), data);
    }

    /// The first six test images, and up to three that the network misreads.
    private void show(Module network, DigitData data) {
        List<float[]> images = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        int size = data.height() * data.width();
        int wrong = 0;
        int seen = 0;
        try (Batches batches = DataLoader.of(data.test(), 256).epoch(0)) {
            while (batches.hasNext() && (seen < 6 || wrong < 3)) {
                try (Scope _ = Engine.current().scope()) {
                    Batch batch = batches.next();
                    float[] pixels = batch.input().toFloats();
                    long[] labels = batch.target().toLongs();
                    float[] scores = Trainer.predict(network, batch.input()).toFloats();
                    for (int i = 0; i < labels.length; i++) {
                        int answer = TopK.argmax(scores, i * data.classes(), (i + 1) * data.classes());
                        boolean right = answer == labels[i];
                        if (seen < 6 || (!right && wrong < 3)) {
                            images.add(Arrays.copyOfRange(pixels, i * size, (i + 1) * size));
                            captions.add(right ? "read " + answer : "read " + answer + ", is " + labels[i]);
                        }
                        seen++;
                        wrong += right ? 0 : 1;
                    }
                }
            }
        }
        int perRow = data.width() > 16 ? 3 : 6;
        for (int i = 0; i < images.size(); i += perRow) {
            int to = Math.min(images.size(), i + perRow);
            out.println(DigitArt.draw(images.subList(i, to), captions.subList(i, to), data.height(), data.width()));
        }
    }

    private void write(Module network, History history, ConfusionMatrix confusion) {
        Path folder = options.out();
        try {
            AtomicFile.writeText(folder.resolve("learning-curve.svg"), history.toSvg());
            AtomicFile.writeText(folder.resolve("confusion.svg"), Svg.confusion(confusion));
            history.writeCsv(folder.resolve("history.csv"));
            ModelFile.save(network, modelFile());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        out.printf(Locale.ROOT, "written to %s: learning-curve.svg, confusion.svg, history.csv, digits.safetensors%n%n",
                folder);
    }
}
