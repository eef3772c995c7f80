package dev.gatun.perf.work;

import dev.gatun.nn.Module;
import dev.gatun.nn.loss.Losses;
import dev.gatun.nn.optim.Adam;
import dev.gatun.nn.train.Trainer;
import dev.gatun.onnx.OnnxExportException;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import dev.gatun.perf.fork.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/// One step of training per run: forward, loss, backward, AdamW. Opening one writes the untrained model, the batch and
/// the target for the peers; the facts are the options that their orders need, and the first loss.
final class TrainingWork implements Work {
    private static final long SEED = 1;
    private static final double RATE = 1e-3;
    private static final double DECAY = 0.01;

    private final Engine engine;
    private final Module module;
    private final Adam optimizer;
    private final Tensor batch;
    private final Tensor target;
    private final boolean classes;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private float firstLoss = Float.NaN;
    private float lastLoss = Float.NaN;
    private int steps;

    private TrainingWork(Engine engine, TrainingCase training, Order order) throws IOException {
        this.engine = engine;
        this.classes = training.classes();
        module = training.network().network().apply(Generator.of(SEED));
        batch = training.network().sample(SEED);
        target = target();
        optimizer = Adam.adamW(module.parameters(), RATE, DECAY);
        Files.write(order.folder().resolve("input0.bin"), Exchange.bytes(batch));
        Files.write(order.folder().resolve("target.bin"), Exchange.bytes(target));
        facts.put("loss", classes ? "cross_entropy" : "mse");
        facts.put("lr", Double.toString(RATE));
        facts.put("decay", Double.toString(DECAY));
        facts.put("frozen", String.join(",", module.buffers().keySet()));
        facts.put("count", Long.toString(module.parameterCount()));
        try {
            Exchange.writeModel(module, batch, order.folder());
        } catch (OnnxExportException notExpressible) {
            facts.put("unexported", String.valueOf(notExpressible.getMessage()));
        }
        module.train();
    }

    static TrainingWork open(Order order) throws IOException {
        Engine engine = Engine.builder().threads(order.threads()).build();
        TrainingCase training = TrainingCases.find(order.name().substring(order.name().indexOf('/') + 1));
        try {
            return engine.call(() -> {
                try {
                    return new TrainingWork(engine, training, order);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        } catch (java.io.UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    private Tensor target() {
        Shape output;
        try (Scope _ = engine.scope()) {
            output = Trainer.predict(module, batch).shape();
        }
        Random random = new Random(SEED + 1);
        if (classes) {
            return Tensor.of(random.longs(output.dim(0), 0, output.dim(1)).toArray(), output.dim(0));
        }
        float[] values = new float[Math.toIntExact(output.count())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, output.dims());
    }

    @Override
    public void run() {
        engine.run(this::step);
        if (++steps == 1) {
            firstLoss = lastLoss;
        }
    }

    private void step() {
        try (Scope _ = engine.scope()) {
            optimizer.zeroGrad();
            Tensor output = module.forward(batch);
            Tensor loss = classes ? Losses.crossEntropy(output, target) : Losses.mse(output, target);
            loss.backward();
            optimizer.step();
            lastLoss = (float) loss.item();
        }
    }

    @Override
    public float[] answer() {
        return new float[] {firstLoss, lastLoss};
    }

    @Override
    public Map<String, String> facts() {
        return facts;
    }

    @Override
    public void close() {
        module.close();
        batch.close();
        target.close();
        engine.close();
    }
}
