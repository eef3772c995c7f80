package dev.gatun.nn.optim;

import dev.gatun.ops.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Parameters that share settings: their learning rate is the optimiser's times `rateScale`, their decay is
/// `weightDecay`. The names tell the states of parameters apart in a checkpoint.
public record ParameterGroup(Map<String, Tensor> parameters, double rateScale, double weightDecay) {
    /// Copies the map, keeping its order; throws when a number is negative.
    public ParameterGroup {
        parameters = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        if (!(rateScale >= 0) || !(weightDecay >= 0)) {
            throw new IllegalArgumentException(
                    "optimizer: rate scale and weight decay must not be negative: " + rateScale
                            + ", " + weightDecay);
        }
    }
}
