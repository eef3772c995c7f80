package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import java.util.LinkedHashMap;
import java.util.Map;

/// Convolution without bias, batch normalisation, activation: the step that most image networks repeat. Named `0` and
/// `1`, and `2` for the activation, which has no parameters.
public final class NormedConv {
    private NormedConv() {}

    /// Convolution and batch normalisation alone. The bias of `options` is left out: the normalisation would take it
    /// away again.
    public static Sequential plain(int in, int out, ConvOptions options, Generator generator) {
        return new Sequential(new Conv2d(in, out, options.withoutBias(), generator), BatchNorm.of2d(out));
    }

    /// With `activation` behind the normalisation.
    public static Sequential of(int in, int out, ConvOptions options, Module activation, Generator generator) {
        Map<String, Module> steps = new LinkedHashMap<>(plain(in, out, options, generator).children());
        steps.put("2", activation);
        return new Sequential(steps);
    }
}
