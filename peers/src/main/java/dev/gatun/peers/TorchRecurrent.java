package dev.gatun.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.gatun.peers.TorchOps.Kernel;
import org.jspecify.annotations.Nullable;

/// One recurrent layer of ONNX, `[time, batch, features]`, as PyTorch's. The gates are already in PyTorch's order (see
/// [TorchGraph]); what differs is the shape of the result.
final class TorchRecurrent {
    private TorchRecurrent() {}

    /// Inputs: x, and then per direction w_ih, w_hh, b_ih, b_hh.
    static Kernel kernel(OnnxNode node) {
        boolean both = node.text("direction", "forward").equals("bidirectional");
        if (!both && !node.text("direction", "forward").equals("forward")) {
            throw new UnsupportedOperationException("libtorch: no counterpart for " + node);
        }
        if (node.type().equals("GRU") && node.integer("linear_before_reset", 0) == 0) {
            throw new UnsupportedOperationException("libtorch: PyTorch's GRU applies the reset after the product");
        }
        long hidden = node.integer("hidden_size", 0);
        int directions = both ? 2 : 1;
        return in -> {
            NDArray x = first(in);
            long time = x.getShape().get(0);
            long batch = x.getShape().get(1);
            NDList weights = new NDList();
            for (int i = 1; i < in.length; i++) {
                weights.add(in[i]);
            }
            NDList result;
            try (NDArray h = x.getManager().zeros(new ai.djl.ndarray.types.Shape(directions, batch, hidden))) {
                if (node.type().equals("LSTM")) {
                    try (NDArray c = h.duplicate()) {
                        result = x.getNDArrayInternal().lstm(x, new NDList(h, c), weights, true, 1, 0, false, both,
                                false);
                    }
                } else {
                    result = x.getNDArrayInternal().gru(x, h, weights, true, 1, 0, false, both, false);
                }
            }
            NDArray flat = result.get(0);
            NDArray y = directions == 1
                    ? flat.reshape(time, 1, batch, hidden)
                    : split(flat, time, batch, hidden);
            flat.close();
            NDArray[] out = new NDArray[node.outputs().size()];
            out[0] = y;
            for (int i = 1; i < result.size(); i++) {
                if (i < out.length) {
                    out[i] = result.get(i);
                } else {
                    result.get(i).close();
                }
            }
            return out;
        };
    }

    private static NDArray split(NDArray flat, long time, long batch, long hidden) {
        try (NDArray directions = flat.reshape(time, batch, 2, hidden)) {
            return directions.transpose(0, 2, 1, 3);
        }
    }

    private static NDArray first(@Nullable NDArray[] in) {
        NDArray x = in[0];
        if (x == null) {
            throw new IllegalArgumentException("libtorch: a recurrent layer without input");
        }
        return x;
    }
}
