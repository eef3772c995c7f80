package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One direction of a recurrent layer over a sequence: x `[steps, batch, in]`, weights `[gates·hidden, in]` and
/// `[gates·hidden, hidden]`, then, as the flags say, two biases `[gates·hidden]`, the initial h (and, for the LSTM, c)
/// `[batch, hidden]`, and the lengths (I64 `[batch]`) give all outputs `[steps, batch, hidden]`, the last h (and c), and
/// what the gradient needs. All operands row-major. See [RecurrentCell] for the maths.
///
/// @param spec cell and direction
/// @param bias there are biases
/// @param state there is an initial state
/// @param lengths there are lengths: beyond its own, a row keeps its state and gives 0
/// @param keep the last output is what the backward pass reads, in a layout private to the kernels
public record Recurrent(RecurrentSpec spec, boolean bias, boolean state, boolean lengths, boolean keep)
        implements
            Op {
    /// Parameters and initial state of one direction; c is for the LSTM alone.
    public record Operands(Tensor inputWeight, Tensor hiddenWeight, @Nullable Tensor inputBias,
            @Nullable Tensor hiddenBias, @Nullable Tensor h, @Nullable Tensor c) {}

    /// Runs over `x`: outputs, last h, and, for the LSTM, last c. What the gradient needs is kept when it can be asked for.
    public static List<Tensor> run(RecurrentSpec spec, Tensor x, Operands operands, @Nullable Tensor lengths) {
        List<Tensor> in = new ArrayList<>(List.of(x.contiguous()));
        for (Tensor t : Arrays.asList(operands.inputWeight, operands.hiddenWeight, operands.inputBias,
                operands.hiddenBias, operands.h, operands.c)) {
            if (t != null) {
                in.add(t.contiguous());
            }
        }
        boolean keep = Autograd.isEnabled() && in.stream().anyMatch(Tensor::requiresGrad);
        if (lengths != null) {
            in.add(lengths.to(DType.I64).contiguous());
        }
        Recurrent op =
                new Recurrent(spec, operands.inputBias != null, operands.h != null, lengths != null, keep);
        List<Tensor> all = Tensor.apply(op, in.toArray(Tensor[]::new));
        return all.subList(0, op.states() + 1);
    }

    @Override
    public String name() {
        return switch (spec.cell()) {
            case LSTM -> "lstm";
            case GRU -> "gru";
            case TANH, RELU -> "rnn";
        };
    }

    /// Tensors of a state.
    int states() {
        return spec.cell().hasCellState() ? 2 : 1;
    }

    /// The first operand that is no parameter: those before are x and the weights and biases.
    public int parameters() {
        return bias ? 5 : 3;
    }

    private int operands() {
        return parameters() + (state ? states() : 0) + (lengths ? 1 : 0);
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        check(name(), inputs);
        Signature x = inputs.getFirst();
        int hidden = inputs.get(2).shape().dim(1);
        Shape sizes = x.shape();
        Signature last = x.with(Shape.of(sizes.dim(1), hidden));
        List<Signature> outputs = new ArrayList<>();
        outputs.add(x.with(Shape.of(sizes.dim(0), sizes.dim(1), hidden)));
        for (int i = 0; i < states(); i++) {
            outputs.add(last);
        }
        if (keep) {
            outputs.add(x.with(Shape.of(sizes.dim(0), sizes.dim(1), spec.cell().keptWidth(hidden))));
        }
        return outputs;
    }

    /// Shapes of the operands of the forward pass.
    void check(String op, List<Signature> inputs) {
        Arity.check(op, inputs, operands());
        int floats = operands() - (lengths ? 1 : 0);
        Arity.floating(op, inputs.subList(0, floats));
        Arity.sameType(op, inputs.subList(0, floats));
        Shape x = inputs.get(0).shape();
        Shape wi = inputs.get(1).shape();
        Shape wh = inputs.get(2).shape();
        int gates = spec.cell().gates();
        boolean fits = x.rank() == 3 && wi.rank() == 2 && wh.rank() == 2 && wi.dim(1) == x.dim(2)
                && wh.dim(0) == (long) gates * wh.dim(1) && wi.dim(0) == wh.dim(0) && wh.dim(1) > 0 && wi.dim(1) > 0;
        for (int i = 3; fits && i < parameters(); i++) {
            fits = inputs.get(i).shape().equals(Shape.of(wh.dim(0)));
        }
        if (!fits) {
            throw new IllegalArgumentException(op + ": needs input [steps, batch, in], weights [" + gates
                    + "·hidden, in] and [" + gates + "·hidden, hidden], biases [" + gates + "·hidden]: "
                    + shapes(inputs.subList(0, parameters())));
        }
        Shape one = Shape.of(x.dim(1), wh.dim(1));
        for (int i = parameters(); i < floats; i++) {
            if (!inputs.get(i).shape().equals(one)) {
                throw new IllegalArgumentException(op + ": an initial state must be [batch, hidden], here " + one + ": "
                        + inputs.get(i).shape());
            }
        }
        if (lengths && !inputs.getLast().equals(new Signature(DType.I64, Shape.of(x.dim(1))))) {
            throw new IllegalArgumentException(
                    op + ": the lengths must be I64 [batch], here [" + x.dim(1) + "]: " + inputs.getLast());
        }
    }

    private static String shapes(List<Signature> signatures) {
        return String.join(", ", signatures.stream().map(s -> s.shape().toString()).toList());
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.recurrent().forward(
                spec, weights(in), in.getFirst(), ends(in), initial(in), out.getFirst(), last(out, 1),
                keep ? out.getLast() : null);
    }

    /// The pass with packed weights; `in` as for [#bind(Kernels, List, List)], where x, the initial state and the lengths
    /// are read.
    public Call bind(Kernels kernels, PackedRecurrent packed, List<View> in, List<View> out) {
        return kernels.recurrent().forward(
                spec, packed, in.getFirst(), ends(in), initial(in), out.getFirst(), last(out, 1));
    }

    /// The parameters among operands.
    public RecurrentWeights weights(List<View> in) {
        return bias ? new RecurrentWeights(in.get(1), in.get(2), in.get(3), in.get(4))
                : RecurrentWeights.of(in.get(1), in.get(2));
    }

    @Nullable
    View ends(List<View> in) {
        return lengths ? in.get(operands() - 1) : null;
    }

    private @Nullable RecurrentState initial(List<View> in) {
        return state ? last(in, parameters()) : null;
    }

    /// The state that begins at index `at`.
    RecurrentState last(List<View> views, int at) {
        return new RecurrentState(views.get(at), spec.cell().hasCellState() ? views.get(at + 1) : null);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        boolean wantsInput = context.needs(0);
        List<Tensor> in = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            in.add(context.input(i));
        }
        in.add(context.output(states() + 1));
        for (int i = 0; i <= states(); i++) {
            in.add(context.gradient(i).contiguous());
        }
        if (lengths) {
            in.add(context.input(operands() - 1));
        }
        List<Tensor> all = Tensor.apply(new RecurrentGradient(this, wantsInput), in.toArray(Tensor[]::new));
        List<@Nullable Tensor> results = new ArrayList<>();
        if (!wantsInput) {
            results.add(null);
        }
        results.addAll(all.subList(0, operands() - (lengths ? 1 : 0) - (wantsInput ? 0 : 1)));
        if (lengths) {
            results.add(null);
        }
        return results;
    }

    @Override
    public boolean savesInput(int index) {
        return index < 3 || (lengths && index == operands() - 1);
    }

    @Override
    public boolean savesOutput(int index) {
        return index == states() + 1;
    }
}
