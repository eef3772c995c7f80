package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.RandomKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.RandomCheck;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.reference.BoxMuller;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Maths: words of the Philox4x32-10 stream turned into uniform, normal, Bernoulli and integer numbers; the sequence is
/// that of the reference, bit for bit.
/// Layout: any strides; element i in row-major order takes the words of number offset + i.
/// Blocking: ranges of 4096 elements, shared among the threads; words in batches of 1024.
/// Registers: see [PhiloxBlocks]; the step from words to numbers is scalar.
/// Evidence: VectorCopyTest compares bits with the reference; figures in docs/kernels-pointwise.md.
public final class VectorRandom implements RandomKernels {
    private static final long LOW = 0xFFFFFFFFL;

    private final Threads threads;

    /// Works on these threads.
    public VectorRandom(Threads threads) {
        this.threads = threads;
    }

    @Override
    public Call uniform(long seed, long offset, View out, double low, double high) {
        RandomCheck.uniform(out, low, high);
        double span = high - low;
        if (out.dtype() == DType.F64) {
            double end = Math.nextDown(high);
            return new RandomFill(threads, seed, offset, out, 2) {
                @Override
                void store(int[] words, int from, long at, int step, int n) {
                    for (int i = 0; i < n; i++) {
                        long pair = pair(words[from + 2 * i], words[from + 2 * i + 1]);
                        double v = low + span * ((pair >>> 11) * 0x1p-53);
                        out.setDouble(at + (long) i * step, v >= high ? end : v);
                    }
                }
            };
        }
        // Rounding to F32 may reach the end, which does not belong to the range.
        float limit = (float) high;
        float end = Math.nextDown(limit);
        return new RandomFill(threads, seed, offset, out, 1) {
            @Override
            void store(int[] words, int from, long at, int step, int n) {
                MemorySegment s = OffHeap.of(out.segment());
                long base = out.offset() + at * 4;
                for (int i = 0; i < n; i++) {
                    float v = (float) (low + span * ((words[from + i] >>> 8) * 0x1p-24));
                    s.set(JAVA_FLOAT, base + i * 4L * step, v >= limit ? end : v);
                }
            }
        };
    }

    @Override
    public Call normal(long seed, long offset, View out, double mean, double deviation) {
        RandomCheck.normal(out, mean, deviation);
        return new RandomFill(threads, seed, offset, out, 2) {
            @Override
            void store(int[] words, int from, long at, int step, int n) {
                for (int i = 0; i < n; i++) {
                    double normal = BoxMuller.normal(words[from + 2 * i], words[from + 2 * i + 1]);
                    out.setDouble(at + (long) i * step, mean + deviation * normal);
                }
            }
        };
    }

    @Override
    public Call bernoulli(long seed, long offset, View out, double p, double value) {
        RandomCheck.bernoulli(out, p);
        boolean single = out.dtype() == DType.F32;
        return new RandomFill(threads, seed, offset, out, 1) {
            @Override
            void store(int[] words, int from, long at, int step, int n) {
                if (single) {
                    floats(words, from, out.offset() + at * 4, step * 4L, n);
                    return;
                }
                for (int i = 0; i < n; i++) {
                    out.setDouble(at + (long) i * step, (words[from + i] & LOW) * 0x1p-32 < p ? value : 0);
                }
            }

            private void floats(int[] words, int from, long base, long step, int n) {
                MemorySegment s = OffHeap.of(out.segment());
                // word · 2⁻³² < p without a branch, which would be mispredicted half of the time.
                long threshold = (long) Math.ceil(p * 0x1p32);
                int bits = Float.floatToRawIntBits((float) value);
                for (int i = 0; i < n; i++) {
                    s.set(JAVA_INT, base + i * step, bits & (int) (((words[from + i] & LOW) - threshold) >> 63));
                }
            }
        };
    }

    @Override
    public Call integers(long seed, long offset, View out, long low, long high) {
        RandomCheck.integers(out, low, high);
        return new RandomFill(threads, seed, offset, out, 2) {
            @Override
            void store(int[] words, int from, long at, int step, int n) {
                for (int i = 0; i < n; i++) {
                    long pair = pair(words[from + 2 * i], words[from + 2 * i + 1]);
                    out.setLong(at + (long) i * step, low + Math.unsignedMultiplyHigh(pair, high - low));
                }
            }
        };
    }

    /// Two words, the first one on top.
    private static long pair(int a, int b) {
        return (long) a << 32 | (b & LOW);
    }
}
