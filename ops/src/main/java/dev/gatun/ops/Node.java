package dev.gatun.ops;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One recorded operation: where its input gradients go, and what its backward needs of its operands. Nodes of one
/// engine are numbered in the order of execution, so walking downwards visits every consumer before its producer.
final class Node {
    final Op op;
    final long sequence;
    final List<Signature> inputs;
    final List<Signature> outputs;
    @Nullable Scope scope;
    private final @Nullable Source[] sources;
    private final @Nullable Tensor[] saved;
    private final int[] versions;
    private boolean freed;

    Node(Engine engine, Op op, List<Tensor> in, List<Tensor> out) {
        this.op = op;
        this.sequence = engine.nextSequence();
        this.inputs = Eager.signatures(in);
        this.outputs = Eager.signatures(out);
        this.sources = new @Nullable Source[in.size()];
        this.saved = new @Nullable Tensor[in.size() + out.size()];
        this.versions = new int[saved.length];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = in.get(i).source();
        }
    }

    /// Takes references to what backward reads; after the outputs know their node, so that they carry it along.
    void save(List<Tensor> in, List<Tensor> out) {
        for (int i = 0; i < in.size(); i++) {
            if (op.savesInput(i)) {
                save(i, in.get(i));
            }
        }
        for (int i = 0; i < out.size(); i++) {
            if (op.savesOutput(i)) {
                save(in.size() + i, out.get(i));
            }
        }
    }

    void save(int slot, Tensor tensor) {
        saved[slot] = tensor.alias();
        versions[slot] = tensor.storage().version();
    }

    @Nullable
    Source source(int input) {
        return sources[input];
    }

    Tensor savedInput(int index) {
        return saved(index, "input " + index);
    }

    Tensor savedOutput(int index) {
        return saved(inputs.size() + index, "output " + index);
    }

    private Tensor saved(int slot, String what) {
        Tensor tensor = saved[slot];
        if (tensor == null) {
            throw new IllegalStateException(op.name() + ": its backward reads " + what + ", which it does not save;"
                    + " savesInput and savesOutput must say what is read");
        }
        return tensor;
    }

    /// Throws when backward cannot run: already done, or an operand has been overwritten since.
    void check() {
        if (freed) {
            throw new IllegalStateException("backward: the graph was already used and freed (at " + op.name()
                    + "); to go through it twice, call backward(true) the first time");
        }
        for (int i = 0; i < saved.length; i++) {
            Tensor tensor = saved[i];
            if (tensor != null && tensor.storage().version() != versions[i]) {
                String what = i < inputs.size() ? "input " + i : "output " + (i - inputs.size());
                throw new IllegalStateException("backward: " + what + " " + tensor.signature() + " of " + op.name()
                        + " was changed in place after it was recorded; use the form that makes a new tensor, or clone"
                        + " first");
            }
        }
    }

    List<Node> producers() {
        List<Node> nodes = new ArrayList<>();
        for (Source source : sources) {
            if (source instanceof Source.Output o) {
                nodes.add(o.node());
            }
        }
        return nodes;
    }

    /// Gives back what was saved.
    void free() {
        freed = true;
        for (int i = 0; i < saved.length; i++) {
            Tensor tensor = saved[i];
            if (tensor != null) {
                saved[i] = null;
                tensor.close();
            }
        }
    }
}
