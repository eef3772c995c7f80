package dev.gatun.perf.work;

import dev.gatun.nn.Module;
import dev.gatun.nn.Session;
import dev.gatun.nn.Summary;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import dev.gatun.perf.fork.Work;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/// A compiled session answering one request per run. Opening one also writes the model and its input for the peers.
final class SessionWork implements Work {
    private static final long SEED = 1;

    private final Module module;
    private final Session session;
    private final float[] values;
    private final long outputs;
    private final MemorySegment in;
    private final MemorySegment out;
    private final Map<String, String> facts;

    private SessionWork(Module module, Session session, NetworkCase network, float[] values,
            Map<String, String> facts) {
        this.module = module;
        this.session = session;
        this.values = values;
        this.outputs = session.output(network.input()).count();
        this.facts = facts;
        this.in = input();
        this.out = output();
    }

    static SessionWork open(Order order) throws IOException {
        NetworkCase network = Cases.find(order.name());
        Module module = network.network().apply(Generator.of(SEED));
        module.eval();
        float[] values = Exchange.normals(network.input().count(), SEED);
        Exchange.write(order.folder().resolve("input0.bin"), values);
        Map<String, String> facts = new LinkedHashMap<>();
        try {
            Exchange.writeModel(module, network.input(), order.folder());
        } catch (UnsupportedOperationException notExpressible) {
            facts.put("unexported", String.valueOf(notExpressible.getMessage()));
        }
        Session session = Session.builder(module).input(network.input()).threads(order.threads()).build();
        long weights = module.stateDict().values().stream().mapToLong(Tensor::count).sum();
        facts.put("flops", Long.toString(2 * Summary.of(module, network.input().dims()).multiplyAdds()));
        facts.put("bytes", Long.toString(4 * (weights + values.length + session.output(network.input()).count())));
        return new SessionWork(module, session, network, values, facts);
    }

    private MemorySegment input() {
        MemorySegment segment = Arena.ofAuto().allocate(4L * values.length, 64);
        MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
        return segment;
    }

    private MemorySegment output() {
        return Arena.ofAuto().allocate(4 * outputs, 64);
    }

    @Override
    public void run() {
        session.run(in, out);
    }

    @Override
    public Runnable caller() {
        MemorySegment ownIn = input();
        MemorySegment ownOut = output();
        return () -> session.run(ownIn, ownOut);
    }

    @Override
    public float[] answer() {
        return out.toArray(ValueLayout.JAVA_FLOAT);
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
