package dev.gatun.nn;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.memory.MemoryPool;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.io.AtomicFile;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.ConvChoices;
import dev.gatun.ops.graph.Graph;
import dev.gatun.ops.graph.Plan;
import dev.gatun.ops.graph.Tracer;
import dev.gatun.ops.graph.Weights;
import dev.gatun.ops.graph.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Describes a [Session].
public final class SessionBuilder {
    private static final Duration TUNING = Duration.ofMillis(500);

    private final Module module;
    private final List<Inputs> inputs = new ArrayList<>();
    private Function<List<Tensor>, Tensor> function;
    private Winograd winograd = Winograd.F4;
    private Duration tuning = Duration.ZERO;
    private @Nullable Path choices;
    private int threads;
    private int callers = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
    private Duration warmUp = Duration.ofSeconds(15);

    SessionBuilder(Module module) {
        this.module = module;
        function = tensors -> {
            if (tensors.size() != 1) {
                throw new IllegalArgumentException(
                        "session: a module takes one input, not " + tensors.size() + "; say what to compute of them"
                                + " with computing(inputs -> ...)");
            }
            return module.forward(tensors.getFirst());
        };
    }

    /// The inputs of one plan; the numbers are zeros without samples.
    private record Inputs(List<Signature> signatures, List<Tensor> samples) {
        List<Tensor> tensors() {
            return samples.isEmpty()
                    ? signatures.stream().map(s -> Tensor.zeros(s.dtype(), s.shape())).toList()
                    : samples.stream().map(t -> t.detach().contiguous()).toList();
        }

        List<Long> bytes() {
            return signatures.stream().map(Signature::bytes).toList();
        }
    }

    /// Adds an input shape, batch included. At least one is needed; each gets a plan of its own over shared weights.
    public SessionBuilder input(Shape shape) {
        return add(new Inputs(List.of(new Signature(DType.F32, shape)), List.of()));
    }

    /// Adds inputs with the types and shapes of these tensors, whose numbers serve to trace the module and to warm the
    /// session: token numbers, say, and a mask. They must stay open until [#build]. Each call adds a plan of its own.
    public SessionBuilder input(Tensor... samples) {
        if (samples.length == 0) {
            throw new IllegalArgumentException("session: at least one sample is needed");
        }
        return add(new Inputs(Arrays.stream(samples).map(Tensor::signature).toList(), List.of(samples)));
    }

    private SessionBuilder add(Inputs added) {
        for (Inputs other : inputs) {
            if (other.bytes().equals(added.bytes())) {
                throw new IllegalArgumentException("session: two inputs must not have the same number of elements: "
                        + shapes(added) + " and " + shapes(other));
            }
        }
        inputs.add(added);
        return this;
    }

    private static String shapes(Inputs in) {
        return String.join(", ", in.signatures.stream().map(s -> s.shape().toString()).toList());
    }

    /// What is computed of the inputs, where it is not the module's forward of the only one:
    /// `computing(in -> bert.encode(in.get(0), null, in.get(1)))`.
    public SessionBuilder computing(Function<List<Tensor>, Tensor> work) {
        this.function = work;
        return this;
    }

    /// Adds one input shape per batch size, `[size, dims…]`.
    public SessionBuilder batches(int[] sizes, int... dims) {
        for (int size : sizes) {
            int[] shape = new int[dims.length + 1];
            shape[0] = size;
            System.arraycopy(dims, 0, shape, 1, dims.length);
            input(new Shape(shape));
        }
        return this;
    }

    /// Threads of its own for this session; 1 runs entirely on the caller. By default the session shares the threads of
    /// the module's engine, which is what a service with several sessions wants.
    public SessionBuilder threads(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("session: threads must be at least 1: " + count);
        }
        this.threads = count;
        return this;
    }

    /// Which of Winograd's algorithms convolutions may use, where they are estimated to be faster; default [Winograd#F4].
    /// [Winograd#OFF] for an answer in which an infinity or NaN of one pixel reaches only the results that see it.
    public SessionBuilder winograd(Winograd allowed) {
        winograd = allowed;
        return this;
    }

    /// Chooses the algorithm of each convolution by running all that apply, half a second each, instead of by their
    /// estimated cost. Takes that much longer to build; and since the choice then depends on the moment, two sessions
    /// built so may differ in the last bits. Default false.
    public SessionBuilder tune(boolean on) {
        tuning = on ? TUNING : Duration.ZERO;
        choices = null;
        return this;
    }

    /// The same with a memory: choices that `file` holds for this machine and number of threads are taken from it, what it
    /// lacks is measured and added to it by [#build], which throws [UncheckedIOException] when it cannot. A service
    /// that ships the file, or keeps it between starts, pays for the measurement once, and gives the same bits each time.
    /// The file need not exist, but its folder must; a file of other contents makes [#build] throw IllegalArgumentException.
    public SessionBuilder tune(Path file) {
        tuning = TUNING;
        choices = file;
        return this;
    }

    /// How many callers may be inside at once, each with a workspace, made when needed; further ones wait. Default: twice
    /// the processors, at least 4.
    public SessionBuilder callers(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("session: callers must be at least 1: " + count);
        }
        this.callers = count;
        return this;
    }

    /// The most time spent on running kernels and plan for the JIT compiler before the session is handed out; it ends
    /// when they are compiled, mostly after one to four seconds. A limit that is reached leaves kernels that allocate. Default
    /// 15 s; zero to skip.
    public SessionBuilder warmUp(Duration most) {
        this.warmUp = most;
        return this;
    }

    /// Compiles and warms the session. The module's modes are as before afterwards. Throws when no input was declared or
    /// the module does not accept one.
    public Session build() {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("session: declare an input shape: builder.input(Shape.of(1, …))");
        }
        Engine engine =
                module.parameters().values().stream().findFirst().map(Tensor::engine).orElseGet(Engine::current);
        Kernels own = threads == 0 ? engine.kernels() : engine.kernels().on(Threads.of(threads));
        Kernels kernels = own.with(winograd);
        Map<Module, Boolean> modes = new LinkedHashMap<>();
        module.modules().values().forEach(m -> modes.put(m, m.isTraining()));
        try {
            module.eval();
            return engine.call(() -> build(engine, kernels));
        } finally {
            modes.forEach(Module::setTraining);
        }
    }

    private Session build(Engine engine, Kernels kernels) {
        MemoryPool memory = engine.memory();
        ConvChoices algorithms = choices == null
                ? ConvChoices.measured(kernels, tuning)
                : ConvChoices.kept(kernels, tuning, choices);
        Weights weights = new Weights(kernels, memory, algorithms);
        List<Variant> variants = new ArrayList<>();
        try (Scope _ = engine.scope()) {
            for (Inputs in : inputs) {
                List<Tensor> samples = in.tensors();
                Graph graph = Tracer.trace(samples, tensors -> List.of(function.apply(tensors)));
                Plan plan = Plan.of(graph, weights);
                Workspace first = new Workspace(plan);
                if (!warmUp.isZero()) {
                    WarmUp.run(kernels, memory, first, samples, warmUp);
                }
                variants.add(new Variant(plan, first, callers));
            }
        }
        weights.seal();
        Session session = new Session(variants, callers, () -> {
            weights.close();
            if (threads != 0) {
                kernels.threads().close();
            }
        });
        keep(session, algorithms.changed());
        return session;
    }

    private void keep(Session session, @Nullable String text) {
        if (choices == null || text == null) {
            return;
        }
        try {
            AtomicFile.writeText(choices, text);
        } catch (IOException e) {
            session.close();
            throw new UncheckedIOException("session: the choices cannot be written to " + choices, e);
        }
    }
}
