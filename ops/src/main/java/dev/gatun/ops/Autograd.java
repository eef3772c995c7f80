package dev.gatun.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Switches and entry points of differentiation.
public final class Autograd {
    private static final ScopedValue<Boolean> RECORDING = ScopedValue.newInstance();

    private Autograd() {}

    /// True when operations on tensors that require gradients are recorded; true unless inside [#noGrad].
    public static boolean isEnabled() {
        return !RECORDING.isBound() || RECORDING.get();
    }

    /// Runs `work` without recording: results require no gradient.
    public static void noGrad(Runnable work) {
        ScopedValue.where(RECORDING, false).run(work);
    }

    /// Computes `work` without recording: results require no gradient.
    public static <T> T noGrad(Supplier<T> work) {
        return ScopedValue.where(RECORDING, false).<T, RuntimeException>call(work::get);
    }

    /// Computes `work` with recording on, also inside [#noGrad].
    public static <T> T withGrad(Supplier<T> work) {
        return ScopedValue.where(RECORDING, true).<T, RuntimeException>call(work::get);
    }

    /// Gradients of the scalar `output` with respect to `inputs`, without touching [Tensor#grad]. With `createGraph`
    /// the gradients are themselves recorded and can be differentiated again; the graph is then retained. An input that
    /// the output does not depend on gets zeros. Throws when `output` is not a scalar, or an input requires no gradient.
    public static List<Tensor> gradients(Tensor output, List<Tensor> inputs, boolean createGraph) {
        List<Source> targets = new ArrayList<>();
        for (Tensor input : inputs) {
            Source source = input.source();
            if (source == null) {
                throw new IllegalArgumentException(
                        "gradients: input " + targets.size() + " " + input.signature() + " does not require gradients");
            }
            targets.add(source);
        }
        BackwardPass pass = new BackwardPass(createGraph, createGraph, targets);
        pass.run(output, null);
        List<Tensor> gradients = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            @Nullable
            Tensor found = pass.captured(targets.get(i));
            gradients.add(found != null ? found : Tensor.zerosLike(inputs.get(i)));
        }
        return gradients;
    }
}
