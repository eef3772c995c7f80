package dev.gatun.kernels;

/// Windows of a pooling over `[n, c, h, w]`: window `i` of the output height covers input rows
/// `startH[i] + t·dilationH` for `0 ≤ t < sizeH[i]`, those outside `[0, h)` being padding; width alike. Fixed, adaptive
/// and global pooling differ in these numbers only.
public record PoolSpec(Windows height, Windows width, boolean countPadding) {
    /// Windows along one dim: first input index (may be negative: padding), number of taps and step between taps, per
    /// output index. `padded[i]` is the number of taps inside the padded input, which is what an average that counts
    /// padding divides by (windows that stick out by ceil mode are cut there).
    public record Windows(int[] start, int[] size, int[] padded, int dilation) {
        /// Number of outputs.
        public int count() {
            return start.length;
        }

        /// Fixed windows of `kernel` taps: ⌊ or ⌈ of `(length + 2·padding − dilation·(kernel − 1) − 1)/stride` + 1
        /// outputs; with `ceil`, a last window that would start in the right padding is dropped.
        public static Windows fixed(int length, int kernel, int stride, int padding, int dilation, boolean ceil) {
            if (kernel < 1 || stride < 1 || dilation < 1 || padding < 0 || 2 * padding > kernel) {
                throw new IllegalArgumentException("pool: kernel, stride and dilation must be at least 1 and padding"
                        + " at most half the kernel: kernel " + kernel + ", stride " + stride + ", padding " + padding
                        + ", dilation " + dilation);
            }
            int room = length + 2 * padding - dilation * (kernel - 1) - 1;
            if (room < 0) {
                throw new IllegalArgumentException("pool: the window is larger than the padded input: window "
                        + (dilation * (kernel - 1) + 1) + ", input " + length + " + 2·" + padding);
            }
            int n = (ceil ? room + stride - 1 : room) / stride + 1;
            if (ceil && (n - 1) * stride >= length + padding) {
                n--;
            }
            int[] start = new int[n];
            int[] size = new int[n];
            int[] padded = new int[n];
            for (int i = 0; i < n; i++) {
                start[i] = i * stride - padding;
                size[i] = kernel;
                int inside = (length + padding - start[i] + dilation - 1) / dilation;
                padded[i] = Math.min(kernel, inside);
            }
            return new Windows(start, size, padded, dilation);
        }

        /// `outputs` windows that cover `length` evenly: window i is `[⌊i·length/outputs⌋, ⌈(i+1)·length/outputs⌉)`.
        public static Windows adaptive(int length, int outputs) {
            int[] start = new int[outputs];
            int[] size = new int[outputs];
            for (int i = 0; i < outputs; i++) {
                start[i] = (int) ((long) i * length / outputs);
                size[i] = (int) (((i + 1L) * length + outputs - 1) / outputs) - start[i];
            }
            return new Windows(start, size, size, 1);
        }
    }
}
