package dev.gatun.perf.work;

import dev.gatun.nn.Binding;
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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A compiled session answering one request per run in bound memory, as its peers do. Opening one also writes the model and its input for the peers.
///
/// The option `weights=save` writes a file of weights as well; `weights=load` reads it and writes nothing, as a service
/// does that starts; `threads=shared` uses the engine's threads instead of some of its own.
final class SessionWork implements Work {
    private static final long SEED = 1;
    private static final String WEIGHTS = "weights.safetensors";

    private final Module module;
    private final Session session;
    private final byte[] input;
    private final Binding own;
    private final Map<String, String> facts;

    private SessionWork(Module module, Session session, byte[] input, Map<String, String> facts) {
        this.module = module;
        this.session = session;
        this.input = input;
        this.facts = facts;
        this.own = bind();
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
        return new SessionWork(module, session, input, facts);
    }

    private Binding bind() {
        Binding binding = session.bind();
        binding.input().copyFrom(MemorySegment.ofArray(input));
        return binding;
    }

    @Override
    public void run() {
        own.run();
    }

    @Override
    public Runnable caller() {
        return bind()::run;
    }

    @Override
    public float[] answer() {
        return own.output().toArray(ValueLayout.JAVA_FLOAT);
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
