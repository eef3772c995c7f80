package dev.gatun.kernels;

import org.jspecify.annotations.Nullable;

/// The parameters of one direction of one recurrent layer, or their gradients: `input` `[gates·hidden, in]`, `hidden`
/// `[gates·hidden, hidden]`, and two biases `[gates·hidden]`, both or none. Gates in the order of [RecurrentCell].
public record RecurrentWeights(View input, View hidden, @Nullable View inputBias, @Nullable View hiddenBias) {
    /// Checks that there are two biases or none.
    public RecurrentWeights {
        if ((inputBias == null) != (hiddenBias == null)) {
            throw new IllegalArgumentException("recurrent: there must be two biases or none: input bias " + inputBias
                    + ", hidden bias " + hiddenBias);
        }
    }

    /// Weights without biases.
    public static RecurrentWeights of(View input, View hidden) {
        return new RecurrentWeights(input, hidden, null, null);
    }
}
