package dev.gatun.nn.train;

import dev.gatun.nn.ModelFile;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// After every epoch, writes weights, optimiser state and the state of the dropout masks to `last.safetensors` of a folder, replacing the file as a
/// whole, from which [#resume] goes on to the bit.
public final class Checkpoints implements Callback {
    private static final String MODEL = "model.";
    private static final String DROPOUT = "dropout.";
    private static final String OPTIMIZER = "optimizer.";

    private final Path folder;

    /// Writes into `folder`, which is made when missing.
    public Checkpoints(Path folder) {
        this.folder = folder;
    }

    /// The file.
    public Path last() {
        return folder.resolve("last.safetensors");
    }

    @Override
    public boolean epochEnded(History.Epoch epoch, Training training) throws IOException {
        try (Scope _ = Engine.current().scope()) {
            Map<String, Tensor> all = new LinkedHashMap<>();
            training.model().stateDict().forEach((name, t) -> all.put(MODEL + name, t));
            training.optimizer().state().forEach((name, t) -> all.put(OPTIMIZER + name, t));
            Map<String, String> text = new LinkedHashMap<>();
            text.put("epoch", Integer.toString(epoch.number()));
            text.put("learning_rate", Double.toString(training.optimizer().learningRate()));
            training.model().modules().forEach((name, m) -> {
                if (m instanceof Dropout dropout) {
                    text.put(DROPOUT + name, dropout.state().seed() + " " + dropout.state().position());
                }
            });
            ModelFile.write(last(), all, text);
        }
        return true;
    }

    /// Puts weights, optimiser state and learning rate back as they were when `file` was written. Returns the number of
    /// epochs done, to be given to [Trainer#withFirstEpoch].
    public static int resume(Path file, Training training) throws IOException {
        try (Scope _ = Engine.current().scope()) {
            ModelFile.Content content = ModelFile.read(file);
            Map<String, Tensor> model = new LinkedHashMap<>();
            Map<String, Tensor> optimizer = new LinkedHashMap<>();
            content.tensors().forEach((name, t) -> {
                if (name.startsWith(MODEL)) {
                    model.put(name.substring(MODEL.length()), t);
                } else if (name.startsWith(OPTIMIZER)) {
                    optimizer.put(name.substring(OPTIMIZER.length()), t);
                }
            });
            training.model().load(model);
            training.optimizer().load(optimizer);
            training.optimizer().setLearningRate(Double.parseDouble(text(content, "learning_rate")));
            training.model().modules().forEach((name, m) -> {
                if (m instanceof Dropout dropout) {
                    String[] numbers = text(content, DROPOUT + name).split(" ");
                    dropout.restore(new Generator.State(Long.parseLong(numbers[0]), Long.parseLong(numbers[1])));
                }
            });
            return Integer.parseInt(text(content, "epoch"));
        }
    }

    private static String text(ModelFile.Content content, String key) {
        String value = content.metadata().get(key);
        if (value == null) {
            throw new IllegalArgumentException("resume: the file is no checkpoint of this network: it has no " + key);
        }
        return value;
    }
}
