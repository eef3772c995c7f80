package dev.gatun.kernels.reference;

import dev.gatun.kernels.AttentionKernels;
import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.AttentionCheck;
import org.jspecify.annotations.Nullable;

/// maths: `p = softmax(scale·q·kᵀ + mask)` over the keys a query sees, `out = dropout(p)·v`; backward
/// `gv = dropout(p)ᵀ·gout`, `ds = p·(dropout(gout·vᵀ) − Σ gout·out)`, `gq = scale·ds·k`, `gk = scale·dsᵀ·q`.
/// layout: any strides; one query after the other.
/// blocking and why: none; a row of weights in double.
/// registers: double accumulators.
/// evidence: this is the definition; gradients checked against finite differences in the tests.
public final class ReferenceAttention implements AttentionKernels {
    @Override
    public Call forward(
            AttentionSpec spec, View q, View k, View v, @Nullable View mask, @Nullable View padding, View out,
            View lse) {
        AttentionCheck.forward(q, k, v, mask, padding, out, lse);
        Queries queries = new Queries(spec, q, k, v, mask, padding);
        double[] p = new double[k.dim(2)];
        return _ -> {
            for (Walk w = queries.walk(); w.next();) {
                double largest = queries.scores(w, p);
                double sum = 0;
                for (int j = 0; j < p.length; j++) {
                    p[j] = largest == Double.NEGATIVE_INFINITY ? 0 : StrictMath.exp(p[j] - largest);
                    sum += p[j];
                }
                setRow(lse, w, largest == Double.NEGATIVE_INFINITY ? largest : largest + StrictMath.log(sum));
                for (int c = 0; c < v.dim(3); c++) {
                    double total = 0;
                    for (int j = 0; j < p.length; j++) {
                        if (p[j] != 0) {
                            total += p[j] * queries.kept(w, j) * queries.value(w, j, c);
                        }
                    }
                    out.setDouble(at(out, w.coordinate(0), w.coordinate(1), w.coordinate(2), c),
                            sum == 0 ? 0 : total / sum);
                }
            }
        };
    }

    @Override
    public Call gradient(
            AttentionSpec spec, View q, View k, View v, @Nullable View mask, @Nullable View padding, View out,
            View lse, View gout, View gq, View gk, View gv) {
        AttentionCheck.gradient(q, k, v, mask, padding, out, lse, gout, gq, gk, gv);
        Queries queries = new Queries(spec, q, k, v, mask, padding);
        int d = q.dim(3);
        int dv = v.dim(3);
        int tk = k.dim(2);
        return _ -> {
            double[] ofK = new double[k.count()];
            double[] ofV = new double[v.count()];
            double[] p = new double[tk];
            for (Walk w = queries.walk(); w.next();) {
                int b = w.coordinate(0);
                int h = w.coordinate(1);
                int i = w.coordinate(2);
                queries.scores(w, p);
                double total = lse.getDouble(
                        (long) b * lse.stride(0) + (long) h * lse.stride(1) + (long) i * lse.stride(2));
                double delta = 0;
                for (int c = 0; c < dv; c++) {
                    delta += gout.getDouble(at(gout, b, h, i, c)) * out.getDouble(at(out, b, h, i, c));
                }
                double[] ofQ = new double[d];
                for (int j = 0; j < tk; j++) {
                    double weight = p[j] == Double.NEGATIVE_INFINITY ? 0 : StrictMath.exp(p[j] - total);
                    if (weight == 0) {
                        continue;
                    }
                    int row = (b * k.dim(1) + queries.keyHead(h)) * tk + j;
                    double kept = queries.kept(w, j);
                    double ofWeight = 0;
                    for (int c = 0; c < dv; c++) {
                        double g = gout.getDouble(at(gout, b, h, i, c));
                        ofWeight += g * queries.value(w, j, c);
                        ofV[row * dv + c] += weight * kept * g;
                    }
                    double ds = spec.scale() * weight * (ofWeight * kept - delta);
                    for (int c = 0; c < d; c++) {
                        ofQ[c] += ds * k.getDouble(at(k, b, queries.keyHead(h), j, c));
                        ofK[row * d + c] += ds * q.getDouble(at(q, b, h, i, c));
                    }
                }
                for (int c = 0; c < d; c++) {
                    gq.setDouble(at(gq, b, h, i, c), ofQ[c]);
                }
            }
            store(ofK, gk);
            store(ofV, gv);
        };
    }

    private static void store(double[] from, View to) {
        for (Walk w = Walk.over(to.dims(), to.strides()); w.next();) {
            to.setDouble(w.at(0), from[(int) w.position()]);
        }
    }

    private static void setRow(View v, Walk w, double value) {
        v.setDouble((long) w.coordinate(0) * v.stride(0) + (long) w.coordinate(1) * v.stride(1)
                + (long) w.coordinate(2) * v.stride(2), value);
    }

    private static long at(View v, int a, int b, int c, int d) {
        return (long) a * v.stride(0) + (long) b * v.stride(1) + (long) c * v.stride(2) + (long) d * v.stride(3);
    }

    /// The weights of one query after the other.
    private record Queries(
            AttentionSpec spec, View q, View k, View v, @Nullable View mask, @Nullable View padding) {
        private static final long LOW = 0xFFFFFFFFL;

        /// Over batch, head, query.
        Walk walk() {
            int[] dims = {q.dim(0), q.dim(1), q.dim(2)};
            return Walk.over(dims, new int[3]);
        }

        int keyHead(int head) {
            return head / (q.dim(1) / k.dim(1));
        }

        double value(Walk w, int j, int c) {
            return v.getDouble(at(v, w.coordinate(0), keyHead(w.coordinate(1)), j, c));
        }

        /// Fills `scores`, −∞ for keys that are not seen, and gives the largest.
        double scores(Walk w, double[] scores) {
            int b = w.coordinate(0);
            int h = w.coordinate(1);
            int i = w.coordinate(2);
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < scores.length; j++) {
                scores[j] = Double.NEGATIVE_INFINITY;
                boolean hidden = padding != null
                        && padding.getDouble((long) b * padding.stride(0) + (long) j * padding.stride(1)) != 0;
                if (hidden || (spec.causal() && j > i)) {
                    continue;
                }
                double dot = 0;
                for (int c = 0; c < q.dim(3); c++) {
                    dot += q.getDouble(at(q, b, h, i, c)) * k.getDouble(at(k, b, keyHead(h), j, c));
                }
                scores[j] = dot * spec.scale() + (mask == null ? 0 : mask.getDouble(at(mask, b, h, i, j)));
                largest = Math.max(largest, scores[j]);
            }
            return largest;
        }

        /// What dropout makes of weight `j` of this query.
        double kept(Walk w, int j) {
            if (spec.dropout() == 0) {
                return 1;
            }
            int tk = k.dim(2);
            long word = spec.offset() + w.position() * tk + j;
            int[] block = new int[4];
            Philox.block(spec.seed(), word >>> 2, block);
            double keep = 1 - spec.dropout();
            return (block[(int) (word & 3)] & LOW) * 0x1p-32 < keep ? 1 / keep : 0;
        }
    }
}
