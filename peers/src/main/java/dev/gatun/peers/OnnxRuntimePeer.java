package dev.gatun.peers;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import dev.gatun.perf.fork.ChildLoop;
import dev.gatun.perf.fork.Work;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// ONNX Runtime at its best: all graph optimisations, inputs in direct buffers, the output written into a tensor of its
/// own that is used again for every call. The option `spin` is its `session.intra_op.allow_spinning`.
final class OnnxRuntimePeer implements Work {
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs;
    private final Set<String> nothingElse = Set.of();
    private final Map<String, OnnxTensor> outputs;
    private final ByteBuffer answer;
    private final String output;
    private final long[] shape;

    private OnnxRuntimePeer(OrtSession session, Map<String, OnnxTensor> inputs, String output, long[] shape)
            throws OrtException {
        this.session = session;
        this.inputs = inputs;
        this.output = output;
        this.shape = shape;
        this.answer = buffer();
        this.outputs = outputs(answer);
    }

    private ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(Math.toIntExact(4 * OnnxGraph.count(shape))).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Map<String, OnnxTensor> outputs(ByteBuffer memory) throws OrtException {
        return Map.of(output,
                OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), memory.asFloatBuffer(), shape));
    }

    /// The child process.
    public static void main(String[] none) throws IOException {
        ChildLoop.serve(OnnxRuntimePeer::open);
    }

    static OnnxRuntimePeer open(Order order) throws OrtException, IOException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        SessionOptions options = new SessionOptions();
        options.setOptimizationLevel(OptLevel.ALL_OPT);
        options.setExecutionMode(ExecutionMode.SEQUENTIAL);
        options.setIntraOpNumThreads(order.threads());
        options.setInterOpNumThreads(1);
        options.addConfigEntry("session.intra_op.allow_spinning", order.options().getOrDefault("spin", "1"));
        OrtSession session = environment.createSession(order.folder().resolve("model.onnx").toString(), options);
        Map<String, OnnxTensor> inputs = new HashMap<>();
        int index = 0;
        for (var entry : session.getInputInfo().entrySet()) {
            TensorInfo info = (TensorInfo) entry.getValue().getInfo();
            ByteBuffer data = InputFile.read(order.folder().resolve("input" + index++ + ".bin"));
            inputs.put(entry.getKey(), info.type == OnnxJavaType.INT64
                    ? OnnxTensor.createTensor(environment, data.asLongBuffer(), info.getShape())
                    : OnnxTensor.createTensor(environment, data.asFloatBuffer(), info.getShape()));
        }
        String output = session.getOutputNames().iterator().next();
        long[] shape;
        // The shapes written in the file may leave dimensions open; those of a result do not.
        try (OrtSession.Result result = session.run(inputs)) {
            shape = ((TensorInfo) result.get(output).orElseThrow().getInfo()).getShape();
        }
        return new OnnxRuntimePeer(session, inputs, output, shape);
    }

    @Override
    public void run() throws OrtException {
        session.run(inputs, nothingElse, outputs).close();
    }

    @Override
    public Runnable caller() {
        try {
            Map<String, OnnxTensor> own = outputs(buffer());
            return () -> {
                try {
                    session.run(inputs, nothingElse, own).close();
                } catch (OrtException e) {
                    throw new IllegalStateException(e);
                }
            };
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] answer() {
        float[] values = new float[answer.capacity() / 4];
        answer.asFloatBuffer().get(values);
        return values;
    }

    @Override
    public Map<String, String> facts() {
        return Map.of("version", OrtEnvironment.getEnvironment().getVersion());
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the session of ONNX Runtime cannot be closed", e);
        }
    }
}
