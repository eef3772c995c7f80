package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Convolutions one after the other as one step, so that what lies between never leaves the caches: one filter per channel
/// and a 1×1, with or without another 1×1 before them. Plans make it of single ones; it keeps nothing for a gradient.
///
/// Operands: x, then of each convolution its weights and what its epilogue takes.
///
/// @param links the convolutions
/// @param extras per convolution, how many operands its epilogue has
public record ConvChain(List<Conv2d> links, List<Integer> extras) implements Op {
    /// Copies the lists.
    public ConvChain {
        links = List.copyOf(links);
        extras = List.copyOf(extras);
        if (links.size() != extras.size()) {
            throw new IllegalArgumentException(
                    "convChain: each link needs its number of operands: " + links.size() + " and " + extras.size());
        }
    }

    @Override
    public String name() {
        return "convChain";
    }

    /// Where the weights of link `i` stand among the operands; of the link behind the last, the number of operands.
    public int weights(int i) {
        int at = 1;
        for (int l = 0; l < i; l++) {
            at += 1 + extras.get(l);
        }
        return at;
    }

    /// The operands of each link, its image first, for operands of the chain of these signatures.
    public List<List<Signature>> operands(List<Signature> inputs) {
        List<List<Signature>> operands = new ArrayList<>();
        Signature x = inputs.getFirst();
        for (int i = 0; i < links.size(); i++) {
            List<Signature> in = new ArrayList<>(inputs.subList(weights(i), weights(i + 1)));
            in.addFirst(x);
            x = links.get(i).infer(in).getFirst();
            operands.add(in);
        }
        return operands;
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, weights(links.size()));
        return links.getLast().infer(operands(inputs).getLast());
    }

    /// Multiply-adds, for operands of these signatures.
    public long multiplyAdds(List<Signature> inputs) {
        List<List<Signature>> operands = operands(inputs);
        long all = 0;
        for (int i = 0; i < links.size(); i++) {
            Conv2d link = links.get(i);
            List<Signature> in = operands.get(i);
            all += link.infer(in).getFirst().shape().count() * link.terms(in.get(1).shape().dims());
        }
        return all;
    }

    /// One by one, since the weights are not packed.
    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        List<Call> calls = new ArrayList<>();
        View x = in.getFirst();
        for (int i = 0; i < links.size(); i++) {
            List<View> operands = new ArrayList<>(in.subList(weights(i), weights(i + 1)));
            operands.addFirst(x);
            View y = i == links.size() - 1 ? out.getFirst() : room(links.get(i), x, operands.get(1));
            calls.add(links.get(i).bind(kernels, operands, List.of(y)));
            x = y;
        }
        long bytes = calls.stream().mapToLong(Call::scratchBytes).max().orElse(0);
        return new Call() {
            @Override
            public long scratchBytes() {
                return bytes;
            }

            @Override
            public void run(MemorySegment scratch) {
                calls.forEach(call -> call.run(scratch));
            }
        };
    }

    private static View room(Conv2d link, View x, View w) {
        Shape shape = Conv2d.outputShape(link.name(), link.spec(), Shape.of(x.dims()), Shape.of(w.dims()));
        long bytes = (long) shape.count() * x.dtype().bytes();
        return View.of(Arena.ofAuto().allocate(Math.max(1, bytes), 64), 0, x.dtype(), shape.dims());
    }

    /// The chain with packed weights on images that lie [ImageLayout#CHANNELS_LAST]; `operand` gives the others by their
    /// places and is not asked for weights.
    public Call bind(Kernels kernels, List<PackedFilter> packed, IntFunction<View> operand, View y) {
        View x = operand.apply(0);
        List<ConvLink> chain = new ArrayList<>();
        int[] dims = x.dims();
        for (int i = 0; i < links.size(); i++) {
            ConvLink plain = new ConvLink(links.get(i).spec(), packed.get(i), Epilogue.NONE);
            dims = plain.result(dims);
            int[] shape = dims;
            List<View> operands = IntStream.range(weights(i) + 1, weights(i + 1))
                    .mapToObj(o -> operand.apply(o).expand(shape)).toList();
            chain.add(new ConvLink(plain.spec(), plain.w(), new Epilogue(links.get(i).epilogue(), operands)));
        }
        return kernels.conv().chain(x, chain, y);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        throw new UnsupportedOperationException(
                "convChain: a step of plans, which keep nothing for gradients; apply the convolutions one by one");
    }
}
