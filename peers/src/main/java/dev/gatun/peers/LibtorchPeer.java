package dev.gatun.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.gatun.perf.fork.ChildLoop;
import dev.gatun.perf.fork.Work;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// PyTorch's eager operations through DJL: without gradients for inference; with the option `loss`, one step of
/// training per call (see [TorchStep]).
final class LibtorchPeer implements Work {
    private final NDManager manager;
    private final TorchGraph graph;
    private final NDArray[] inputs;
    private @Nullable NDArray output;

    private LibtorchPeer(NDManager manager, TorchGraph graph, NDArray[] inputs) {
        this.manager = manager;
        this.graph = graph;
        this.inputs = inputs;
    }

    /// The child process.
    public static void main(String[] none) throws IOException {
        ChildLoop.serve(LibtorchPeer::open);
    }

    static Work open(Order order) throws IOException {
        Engine engine = Engine.getEngine("PyTorch");
        JniUtils.setNumThreads(order.threads());
        boolean training = order.options().containsKey("loss");
        JniUtils.setGradMode(training);
        NDManager manager = engine.newBaseManager();
        TorchGraph graph = new TorchGraph(manager, OnnxGraph.parse(map(order.folder().resolve("model.onnx"))),
                training);
        NDArray[] inputs = new NDArray[graph.inputs()];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = graph.input(i, InputFile.read(order.folder().resolve("input" + i + ".bin")));
        }
        return training
                ? TorchStep.of(manager, graph, inputs, order)
                : new LibtorchPeer(manager, graph, inputs);
    }

    private static ByteBuffer map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        }
    }

    @Override
    public void run() {
        if (output != null) {
            output.close();
        }
        output = graph.run(inputs);
    }

    @Override
    public float[] answer() {
        if (output == null) {
            throw new IllegalStateException("libtorch: nothing was run");
        }
        return output.toFloatArray();
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
