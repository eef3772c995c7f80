package dev.gatun.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.gatun.perf.fork.Work;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One step of training per call: forward, loss, backward, AdamW over all parameters with DJL's native update.
///
/// Options: `loss` (`cross_entropy` against the class numbers in `target.bin`, or `mse` against its floats), `lr`,
/// `decay`, `frozen` (names that are not trained, divided by commas; every other stored float tensor is) and `count`,
/// the number of values that must be trained.
final class TorchStep implements Work {
    private static final float BETA1 = 0.9f;
    private static final float BETA2 = 0.999f;
    private static final float EPSILON = 1e-8f;

    private record Parameter(NDArray value, NDArray mean, NDArray variance) {}

    private final NDManager manager;
    private final TorchGraph graph;
    private final NDArray[] inputs;
    private final NDArray target;
    private final boolean classes;
    private final float rate;
    private final float decay;
    private final List<Parameter> parameters;
    private final NDArray one;
    private int steps;
    private float firstLoss = Float.NaN;
    private float lastLoss = Float.NaN;

    private TorchStep(NDManager manager, TorchGraph graph, NDArray[] inputs, NDArray target, boolean classes,
            Order order, List<Parameter> parameters) {
        this.manager = manager;
        this.graph = graph;
        this.inputs = inputs;
        this.target = target;
        this.classes = classes;
        this.rate = Float.parseFloat(order.options().getOrDefault("lr", "0.001"));
        this.decay = Float.parseFloat(order.options().getOrDefault("decay", "0.01"));
        this.parameters = parameters;
        this.one = manager.create(1f);
    }

    static TorchStep of(NDManager manager, TorchGraph graph, NDArray[] inputs, Order order) throws IOException {
        boolean classes = order.options().getOrDefault("loss", "").equals("cross_entropy");
        ByteBuffer data = InputFile.read(order.folder().resolve("target.bin"));
        List<Parameter> parameters = new ArrayList<>();
        Set<String> frozen = Set.of(order.options().getOrDefault("frozen", "").split(","));
        long values = 0;
        for (Map.Entry<String, NDArray> weight : graph.weights().entrySet()) {
            NDArray value = weight.getValue();
            // Single numbers are constants of the graph, such as a factor.
            if (!frozen.contains(weight.getKey()) && value.getDataType() == DataType.FLOAT32 && value.size() > 1) {
                value.setRequiresGradient(true);
                parameters.add(new Parameter(value, value.zerosLike(), value.zerosLike()));
                values += value.size();
            }
        }
        long wanted = Long.parseLong(order.options().getOrDefault("count", Long.toString(values)));
        if (values != wanted) {
            throw new IllegalArgumentException("libtorch: would train " + values + " values instead of " + wanted);
        }
        NDArray target = classes
                ? manager.create(data.asLongBuffer(), new Shape(data.remaining() / 8, 1))
                : manager.create(data.asFloatBuffer(), new Shape(data.remaining() / 4));
        return new TorchStep(manager, graph, inputs, target, classes, order, parameters);
    }

    @Override
    public void run() {
        steps++;
        try (NDArray output = graph.run(inputs); NDArray loss = loss(output)) {
            JniUtils.backward((PtNDArray) loss, (PtNDArray) one, false, false);
            lastLoss = loss.getFloat();
        }
        if (steps == 1) {
            firstLoss = lastLoss;
        }
        float corrected = (float) (rate * Math.sqrt(1 - Math.pow(BETA2, steps)) / (1 - Math.pow(BETA1, steps)));
        for (Parameter p : parameters) {
            NDArray gradient = p.value.getGradient();
            p.value.getNDArrayInternal().adamUpdate(new NDList(p.value, gradient, p.mean, p.variance),
                    new NDList(p.value), rate, corrected, decay, 1, -1, BETA1, BETA2, EPSILON, true, true);
            gradient.close();
        }
    }

    private NDArray loss(NDArray output) {
        if (classes) {
            try (NDArray log = output.logSoftmax(1); NDArray picked = log.gather(target, 1);
                    NDArray mean = picked.mean()) {
                return mean.neg();
            }
        }
        try (NDArray flat = output.reshape(-1); NDArray difference = flat.sub(target);
                NDArray square = difference.mul(difference)) {
            return square.mean();
        }
    }

    @Override
    public float[] answer() {
        return new float[] {firstLoss, lastLoss};
    }

    @Override
    public Map<String, String> facts() {
        return Map.of("version", Engine.getEngine("PyTorch").getVersion());
    }

    @Override
    public void close() {
        manager.close();
    }
}
