package dev.gatun.nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.nn.Module;
import dev.gatun.nn.data.ArrayDataset;
import dev.gatun.nn.data.DataLoader;
import dev.gatun.nn.data.Dataset;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.nn.loss.Losses;
import dev.gatun.nn.optim.Adam;
import dev.gatun.nn.optim.Optimizer;
import dev.gatun.nn.optim.Schedule;
import dev.gatun.nn.optim.Sgd;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    /// Two classes: is x·y positive? Not linearly separable.
    private static final Dataset QUADRANTS = quadrants(256);

    private static Dataset quadrants(int n) {
        Generator generator = Generator.of(17);
        float[] inputs = generator.uniform(dev.gatun.kernels.DType.F32, dev.gatun.ops.Shape.of(n, 2), -1, 1).toFloats();
        long[] labels = new long[n];
        for (int i = 0; i < n; i++) {
            labels[i] = inputs[2 * i] * inputs[2 * i + 1] > 0 ? 1 : 0;
        }
        return ArrayDataset.classes(inputs, new int[] {2}, labels);
    }

    private static Module network(double dropout) {
        Generator generator = Generator.of(5);
        return new Sequential(new Linear(2, 16, generator), Activation.tanh(), new Dropout(dropout, generator),
                new Linear(16, 2, generator));
    }

    private static Trainer trainer(Module model, Optimizer optimizer, int epochs) {
        return Trainer.of(model, optimizer, Losses::crossEntropy).withEpochs(epochs).withProgress(Progress.none());
    }

    @Test
    void aSmallNetworkLearns() {
        Module model = network(0);
        DataLoader loader = DataLoader.of(QUADRANTS, 32).withShuffle(1);
        History history = trainer(model, Adam.of(model.parameters(), 0.03), 40).fit(loader, loader);
        assertThat(history.epochs()).hasSize(40);
        assertThat(history.epochs().getFirst().trainLoss()).isGreaterThan(0.5);
        assertThat(history.epochs().getLast().validAccuracy()).isGreaterThan(0.95);
        assertThat(model.isTraining()).isFalse();
        assertThat(history.toSvg()).startsWith("<svg").contains("accuracy").endsWith("</svg>\n");
        Evaluation judged = Trainer.evaluate(model, loader, Losses::crossEntropy);
        assertThat(judged.samples()).isEqualTo(256);
        assertThat(judged.accuracy()).isEqualTo(history.epochs().getLast().validAccuracy());
        Tensor answers = Trainer.predict(model, Tensor.of(new float[] {0.5f, 0.5f, 0.5f, -0.5f}, 2, 2));
        assertThat(answers.get(0, 1)).isGreaterThan(answers.get(0, 0));
        assertThat(answers.get(1, 1)).isLessThan(answers.get(1, 0));
        assertThat(answers.requiresGrad()).isFalse();
    }

    @Test
    void trainingTwiceGivesTheSameBits() {
        List<float[]> results = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Module model = network(0.2);
            trainer(model, new Sgd(model.parameters(), 0.1, 0.9), 3)
                    .fit(DataLoader.of(QUADRANTS, 30).withShuffle(4), null);
            results.add(model.parameters().get("0.weight").toFloats());
        }
        assertThat(results.get(0)).isEqualTo(results.get(1));
    }

    @Test
    void memoryDoesNotGrow() {
        Module model = network(0.2);
        Trainer trainer = trainer(model, new Sgd(model.parameters(), 0.1, 0.9), 1);
        DataLoader loader = DataLoader.of(QUADRANTS, 30);
        trainer.fit(loader, loader);
        long before = Engine.standard().memory().statistics().used();
        trainer.withEpochs(5).fit(loader, loader);
        assertThat(Engine.standard().memory().statistics().used()).isLessThanOrEqualTo(before);
    }

    @Test
    void earlyStoppingPutsTheBestWeightsBack() {
        Module model = network(0);
        List<float[]> weights = new ArrayList<>();
        double[] script = {3, 2, 1, 1.5, 1.2, 0.5};
        EarlyStopping stopping = new EarlyStopping(2, 0, e -> script[e.number() - 1]);
        History history = trainer(model, new Sgd(model.parameters(), 0.1, 0), 6).withCallback((epoch, training) -> {
            weights.add(training.model().parameters().get("0.weight").toFloats());
            return true;
        }).withCallback(stopping).fit(DataLoader.of(QUADRANTS, 64), null);
        assertThat(history.epochs()).hasSize(5);
        assertThat(stopping.bestEpoch()).isEqualTo(3);
        assertThat(model.parameters().get("0.weight").toFloats()).isEqualTo(weights.get(2))
                .isNotEqualTo(weights.get(4));
        assertThat(model.parameters().values()).allMatch(Tensor::requiresGrad);
    }

    @Test
    void earlyStoppingTakesNoNaN() {
        EarlyStopping stopping = new EarlyStopping(2, 0, e -> e.number() == 1 ? 1 : Double.NaN);
        Module model = network(0);
        History history = trainer(model, new Sgd(model.parameters(), 0.1, 0), 9).withCallback(stopping)
                .fit(DataLoader.of(QUADRANTS, 64), null);
        assertThat(history.epochs()).hasSize(3);
        assertThat(stopping.bestEpoch()).isEqualTo(1);
    }

    @Test
    void aResumedTrainingGoesOnToTheBit(@TempDir Path folder) throws Exception {
        DataLoader loader = DataLoader.of(QUADRANTS, 30).withShuffle(4);
        Schedule schedule = Schedule.oneCycle(4L * loader.steps());
        Module whole = network(0.2);
        trainer(whole, Adam.of(whole.parameters(), 0.02), 4).withSchedule(schedule).fit(loader, null);

        Module first = network(0.2);
        Checkpoints checkpoints = new Checkpoints(folder);
        trainer(first, Adam.of(first.parameters(), 0.02), 2).withSchedule(schedule).withCallback(checkpoints)
                .fit(loader, null);
        Module second = network(0.2);
        Optimizer optimizer = Adam.of(second.parameters(), 0.5);
        int done = Checkpoints.resume(checkpoints.last(), new Training(second, optimizer));
        assertThat(done).isEqualTo(2);
        trainer(second, optimizer, 4).withFirstEpoch(done).withSchedule(schedule).fit(loader, null);
        assertThat(second.parameters().get("0.weight").toFloats())
                .isEqualTo(whole.parameters().get("0.weight").toFloats());
    }

    @Test
    void aPlateauLowersTheRate() {
        Module model = network(0);
        Optimizer optimizer = new Sgd(model.parameters(), 0.1, 0);
        History history = trainer(model, optimizer, 5).withCallback(new ReduceOnPlateau(e -> 1, 0.5, 1, 0, 0.03))
                .fit(DataLoader.of(QUADRANTS, 256), null);
        assertThat(history.series(History.Epoch::learningRate)).containsExactly(0.1, 0.1, 0.1, 0.05, 0.05);
        assertThat(optimizer.learningRate()).isEqualTo(0.03);
    }
}
