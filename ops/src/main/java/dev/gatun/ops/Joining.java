package dev.gatun.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// Cutting apart and growing; joining is [Tensor#cat] and [Tensor#stack].
public sealed interface Joining permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// Views of `size` elements each along `dim`, the last maybe shorter.
    default List<Tensor> split(int size, int dim) {
        int axis = self().shape().axis("split", dim);
        if (size < 1) {
            throw new IllegalArgumentException("split: the size must be at least 1: " + size);
        }
        List<Tensor> parts = new ArrayList<>();
        int length = self().size(axis);
        for (int start = 0; start < length || start == 0; start += size) {
            parts.add(self().narrow(axis, start, Math.min(size, length - start)));
        }
        return parts;
    }

    /// Views of these sizes along `dim`, which they add up to.
    default List<Tensor> split(int[] sizes, int dim) {
        int axis = self().shape().axis("split", dim);
        if (Arrays.stream(sizes).sum() != self().size(axis)) {
            throw new IllegalArgumentException("split: the sizes must add up to dim " + axis + ": "
                    + Arrays.toString(sizes) + " for shape " + self().shape());
        }
        List<Tensor> parts = new ArrayList<>();
        int start = 0;
        for (int size : sizes) {
            parts.add(self().narrow(axis, start, size));
            start += size;
        }
        return parts;
    }

    /// At most `chunks` views along `dim`, all but the last of one size.
    default List<Tensor> chunk(int chunks, int dim) {
        if (chunks < 1) {
            throw new IllegalArgumentException("chunk: at least one chunk is needed: " + chunks);
        }
        return split(Math.max(1, Math.ceilDiv(self().size(dim), chunks)), dim);
    }

    /// This tensor `times[i]` times along dim i; more numbers than dims add dims in front.
    default Tensor repeat(int... times) {
        Tensor self = self();
        int shift = times.length - self.rank();
        if (shift < 0) {
            throw new IllegalArgumentException("repeat: one number per dim is needed: " + Arrays.toString(times)
                    + " for shape " + self.shape());
        }
        int[] split = new int[2 * times.length];
        int[] wide = new int[2 * times.length];
        int[] result = new int[times.length];
        for (int i = 0; i < times.length; i++) {
            int size = i < shift ? 1 : self.size(i - shift);
            split[2 * i] = 1;
            split[2 * i + 1] = size;
            wide[2 * i] = times[i];
            wide[2 * i + 1] = size;
            result[i] = times[i] * size;
        }
        return self.reshape(split).expand(wide).reshape(result);
    }

    /// A border filled with `value`: `amounts` are before and after the last dim, then before and after the one in front
    /// of it, and so on; negative amounts cut.
    default Tensor pad(int[] amounts, double value) {
        Tensor cut = self();
        int rank = cut.rank();
        checkAmounts(amounts);
        List<Integer> starts = new ArrayList<>(Collections.nCopies(rank, 0));
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            int pair = 2 * (rank - 1 - i);
            int before = pair < amounts.length ? amounts[pair] : 0;
            int after = pair < amounts.length ? amounts[pair + 1] : 0;
            int size = self().size(i);
            if ((long) size + before + after < 0 || (before < 0 && -before > size) || (after < 0 && -after > size)) {
                throw new IllegalArgumentException("pad: more is cut off than there is: " + Arrays.toString(amounts)
                        + " for shape " + self().shape());
            }
            if (before < 0 || after < 0) {
                cut = cut.slice(i, Math.max(0, -before), size - Math.max(0, -after));
            }
            starts.set(i, Math.max(before, 0));
            dims[i] = Math.addExact(cut.size(i), Math.max(before, 0) + Math.max(after, 0));
        }
        return Tensor.applyOne(new Place(new Shape(dims), starts, Collections.nCopies(rank, 1), value), cut);
    }

    /// A border that mirrors the inside without repeating the edge; `amounts` as in [#pad], below the sizes.
    default Tensor padReflect(int... amounts) {
        return padBy("padReflect", amounts, true);
    }

    /// A border that repeats the edge; `amounts` as in [#pad], not negative.
    default Tensor padReplicate(int... amounts) {
        return padBy("padReplicate", amounts, false);
    }

    private Tensor padBy(String op, int[] amounts, boolean reflect) {
        checkAmounts(amounts);
        Tensor padded = self();
        for (int pair = 0; pair < amounts.length; pair += 2) {
            int axis = padded.rank() - 1 - pair / 2;
            int n = padded.size(axis);
            int before = amounts[pair];
            int after = amounts[pair + 1];
            if (before < 0 || after < 0 || n == 0 || (reflect && (before >= n || after >= n))) {
                throw new IllegalArgumentException(op + ": amounts must not be negative" + (reflect ? " and must be"
                        + " below the size" : "") + ": " + Arrays.toString(amounts) + " for shape " + self().shape());
            }
            long[] picks = new long[before + n + after];
            for (int i = 0; i < picks.length; i++) {
                int at = i - before;
                if (reflect) {
                    at = at < 0 ? -at : at >= n ? 2 * (n - 1) - at : at;
                }
                picks[i] = Math.clamp(at, 0, n - 1);
            }
            if (before + after > 0) {
                padded = padded.indexSelect(axis, padded.engine().call(() -> Tensor.of(picks)));
            }
        }
        return padded;
    }

    private void checkAmounts(int[] amounts) {
        if (amounts.length % 2 != 0 || amounts.length > 2 * self().rank()) {
            throw new IllegalArgumentException("pad: amounts come in pairs, at most one per dim: "
                    + Arrays.toString(amounts) + " for shape " + self().shape());
        }
    }
}
