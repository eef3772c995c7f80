package dev.gatun.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.perf.fork.Work;
import dev.gatun.perf.fork.Work.Order;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Both engines give the same answer to the same file, so the translation of ONNX into eager PyTorch says the same.
class PeersTest {
    private static final Random RANDOM = new Random(7);
    @TempDir private Path folder;

    private static float[] random(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) RANDOM.nextGaussian() / 3;
        }
        return values;
    }

    private static float[] positive(int count) {
        float[] values = random(count);
        for (int i = 0; i < count; i++) {
            values[i] = 0.5f + Math.abs(values[i]);
        }
        return values;
    }

    private void input(int index, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Files.write(folder.resolve("input" + index + ".bin"), bytes.array());
    }

    private void check(OnnxText model, int numbers) throws Exception {
        Files.write(folder.resolve("model.onnx"), model.model());
        float[][] answers = new float[2][];
        Order order = new Order("test", 1, folder, Map.of());
        try (Work ort = OnnxRuntimePeer.open(order); Work torch = LibtorchPeer.open(order)) {
            for (int i = 0; i < 3; i++) {
                ort.run();
                torch.run();
            }
            answers[0] = ort.answer();
            answers[1] = torch.answer();
            assertThat(ort.facts().get("version")).isEqualTo("1.29.0");
        }
        assertThat(answers[0]).hasSize(numbers);
        assertThat(answers[1]).hasSize(numbers);
        for (int i = 0; i < numbers; i++) {
            assertThat(answers[1][i]).as("number " + i).isCloseTo(answers[0][i],
                    org.assertj.core.data.Offset.offset(1e-4f));
        }
    }

    @Test
    void convolutionalNetwork() throws Exception {
        input(0, random(3 * 17 * 17));
        check(new OnnxText().input("x", OnnxGraph.FLOAT, 1, 3, 17, 17)
                .floats("w", random(8 * 3 * 9), 8, 3, 3, 3).floats("b", random(8), 8)
                .floats("scale", positive(8), 8).floats("shift", random(8), 8).floats("mean", random(8), 8)
                .floats("variance", positive(8), 8)
                .floats("dw", random(8 * 9), 8, 1, 3, 3).floats("fc", random(5 * 8), 5, 8).floats("fb", random(5), 5)
                .floats("zero", new float[] {0}).floats("six", new float[] {0.4f})
                .node("Conv", "x w b", "c", "kernel_shape", new long[] {3, 3}, "pads", new long[] {1, 0, 1, 2},
                        "strides", new long[] {2, 2})
                .node("BatchNormalization", "c scale shift mean variance", "n", "epsilon", 1e-3f)
                .node("Relu", "n", "r")
                .node("MaxPool", "r", "p", "kernel_shape", new long[] {3, 3}, "strides", new long[] {2, 2}, "pads",
                        new long[] {1, 1, 0, 1})
                .node("Conv", "p dw", "d", "group", 8L, "kernel_shape", new long[] {3, 3}, "pads",
                        new long[] {2, 2, 2, 2}, "dilations", new long[] {2, 2})
                .node("Clip", "d zero six", "k").node("Add", "k p", "s")
                .node("AveragePool", "s", "a", "kernel_shape", new long[] {2, 2})
                .node("GlobalAveragePool", "a", "g").node("Flatten", "g", "f")
                .node("Gemm", "f fc fb", "y", "transB", 1L).output("y"), 5);
    }

    @Test
    void transformerLayer() throws Exception {
        ByteBuffer ids = ByteBuffer.allocate(6 * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (long id : new long[] {3, 1, 4, 1, 5, 9}) {
            ids.putLong(id);
        }
        Files.write(folder.resolve("input0.bin"), ids.array());
        check(new OnnxText().input("ids", OnnxGraph.INT64, 1, 6).floats("table", random(10 * 8), 10, 8)
                .floats("g", positive(8), 8).floats("b", random(8), 8).floats("wq", random(64), 8, 8)
                .floats("bq", random(8), 8).floats("wk", random(64), 8, 8).floats("root", new float[] {2})
                .longs("heads", 0, 0, 2, 4).longs("flat", 0, 0, -1).longs("from", 0).longs("to", 2).longs("axis", 1)
                .node("Gather", "table ids", "e").node("LayerNormalization", "e g b", "n", "axis", -1L)
                .node("MatMul", "n wq", "q0").node("Add", "bq q0", "q1").node("Reshape", "q1 heads", "q2")
                .node("Transpose", "q2", "q", "perm", new long[] {0, 2, 1, 3})
                .node("MatMul", "n wk", "k0").node("Reshape", "k0 heads", "k1")
                .node("Transpose", "k1", "k", "perm", new long[] {0, 2, 3, 1})
                .node("MatMul", "q k", "s0").node("Div", "s0 root", "s").node("Softmax", "s", "p", "axis", -1L)
                .node("MatMul", "p q", "o0").node("Transpose", "o0", "o1", "perm", new long[] {0, 2, 1, 3})
                .node("Reshape", "o1 flat", "o2").node("Gelu", "o2", "o3").node("Add", "o3 e", "o4")
                .node("Slice", "o4 from to axis", "y").output("y"), 16);
    }

    @Test
    void recurrentLayers() throws Exception {
        input(0, random(5 * 2 * 3));
        OnnxText model = new OnnxText().input("x", OnnxGraph.FLOAT, 5, 2, 3);
        model.floats("w", random(2 * 16 * 3), 2, 16, 3).floats("r", random(2 * 16 * 4), 2, 16, 4)
                .floats("b", random(2 * 32), 2, 32)
                .node("LSTM", "x w r b", "y h", "hidden_size", 4L, "direction", "bidirectional").output("y");
        check(model, 5 * 2 * 2 * 4);
        OnnxText gru = new OnnxText().input("x", OnnxGraph.FLOAT, 5, 2, 3);
        gru.floats("w", random(12 * 3), 1, 12, 3).floats("r", random(12 * 4), 1, 12, 4).floats("b", random(24), 1, 24)
                .node("GRU", "x w r b", "y", "hidden_size", 4L, "linear_before_reset", 1L).output("y");
        check(gru, 5 * 2 * 4);
    }

    @Test
    void aStepOfTrainingLowersTheLoss() throws Exception {
        input(0, random(4 * 3 * 6 * 6));
        Files.write(folder.resolve("target.bin"), ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN).putLong(1)
                .putLong(0).putLong(2).putLong(1).array());
        Files.write(folder.resolve("model.onnx"), new OnnxText().input("x", OnnxGraph.FLOAT, 4, 3, 6, 6)
                .floats("w", random(5 * 27), 5, 3, 3, 3).floats("g", positive(5), 5).floats("b", random(5), 5)
                .floats("mean", random(5), 5).floats("variance", positive(5), 5).floats("fc", random(15), 3, 5)
                .node("Conv", "x w", "c", "kernel_shape", new long[] {3, 3})
                .node("BatchNormalization", "c g b mean variance", "n").node("Relu", "n", "r")
                .node("GlobalAveragePool", "r", "p").node("Flatten", "p", "f")
                .node("Gemm", "f fc", "y", "transB", 1L).output("y").model());
        Map<String, String> options = Map.of("loss", "cross_entropy", "lr", "0.05", "frozen", "mean,variance", "count",
                Integer.toString(5 * 27 + 5 + 5 + 15));
        try (Work torch = LibtorchPeer.open(new Order("test", 1, folder, options))) {
            for (int i = 0; i < 20; i++) {
                torch.run();
            }
            float[] answer = torch.answer();
            assertThat(answer[1]).isLessThan(answer[0] / 2);
        }
    }
}
