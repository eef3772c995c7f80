package dev.gatun.perf.work;

import dev.gatun.nn.ModelFile;
import dev.gatun.nn.Module;
import dev.gatun.nn.Session;
import dev.gatun.nn.SessionBuilder;
import dev.gatun.nn.Summary;
import dev.gatun.onnx.OnnxExportException;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import dev.gatun.perf.fork.Work;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A compiled session answering one request per run. Opening one also writes the model and its input for the peers.
///
/// The option `weights=save` writes a file of weights as well; `weights=load` reads it and writes nothing, as a service
/// does that starts; `threads=shared` uses the engine's threads instead of some of its own.
final class SessionWork implements Work {
    private static final long SEED = 1;
    private static final String WEIGHTS = "weights.safetensors";

    private final Module module;
    private final Session session;
    private final byte[] input;
    private final long outputBytes;
    private final MemorySegment in;
    private final MemorySegment out;
    private final Map<String, String> facts;

    private SessionWork(Module module, Session session, byte[] input, long outputBytes, Map<String, String> facts) {
        this.module = module;
        this.session = session;
        this.input = input;
        this.outputBytes = outputBytes;
        this.facts = facts;
        this.in = input();
        this.out = Arena.ofAuto().allocate(outputBytes, 64);
    }

    static SessionWork open(Order order) throws IOException {
        NetworkCase network = Cases.find(order.name());
        Module module = network.network().apply(Generator.of(SEED));
        module.eval();
        Path inputs = order.folder().resolve("input0.bin");
        Path weights = order.folder().resolve(WEIGHTS);
        Map<String, String> facts = new LinkedHashMap<>();
        String files = order.options().getOrDefault("weights", "");
        Tensor sample = network.sample(SEED);
        if (files.equals("load")) {
            ModelFile.load(module, weights);
        } else {
            if (files.equals("save")) {
                ModelFile.save(module, weights);
            }
            Files.write(inputs, Exchange.bytes(sample));
            try {
                Exchange.writeModel(module, sample, order.folder());
            } catch (OnnxExportException notExpressible) {
                facts.put("unexported", String.valueOf(notExpressible.getMessage()));
            }
        }
        SessionBuilder builder = Session.builder(module).input(sample);
        if (!order.options().getOrDefault("threads", "").equals("shared")) {
            builder.threads(order.threads());
        }
        Session session = builder.build();
        byte[] input = Files.readAllBytes(inputs);
        long outputs = session.output(network.input()).count();
        if (!files.equals("load")) {
            long values = module.stateDict().values().stream().mapToLong(Tensor::count).sum();
            if (network.ids() == 0) {
                facts.put("flops", Long.toString(2 * Summary.of(module, network.input().dims()).multiplyAdds()));
            }
            facts.put("bytes", Long.toString(4 * (values + outputs) + input.length));
        }
        return new SessionWork(module, session, input, 4 * outputs, facts);
    }

    private MemorySegment input() {
        return Arena.ofAuto().allocate(input.length, 64).copyFrom(MemorySegment.ofArray(input));
    }

    @Override
    public void run() {
        session.run(in, out);
    }

    @Override
    public Runnable caller() {
        MemorySegment ownIn = input();
        MemorySegment ownOut = Arena.ofAuto().allocate(outputBytes, 64);
        return () -> session.run(ownIn, ownOut);
    }

    @Override
    public float[] answer() {
        return out.toArray(ValueLayout.JAVA_FLOAT);
    }

    @Override
    public boolean allocatesNothing() {
        return true;
    }

    @Override
    public Map<String, String> facts() {
        return facts;
    }

    @Override
    public void close() {
        session.close();
        module.close();
    }
}
