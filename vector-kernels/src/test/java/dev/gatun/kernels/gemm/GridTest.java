package dev.gatun.kernels.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GridTest {
    private static Grid grid(int threads, int m, int n, int k, int tall) {
        return Grid.of(
                threads, Math.ceilDiv(m, 6), Math.ceilDiv(n, 64), tall, threads == 1 ? 1 : 8 * threads,
                (double) m * n * k, (double) m * k, (double) n * k);
    }

    @Test
    void oneThreadHasOneChunkPerBlock() {
        Grid whole = grid(1, 128, 768, 768, 100);
        assertThat(whole.heights().count()).isEqualTo(1);
        assertThat(whole.widths().count()).isEqualTo(1);
        assertThat(grid(1, 600, 768, 768, 30).heights().count()).isEqualTo(4);
    }

    @Test
    void fewRowsAreCutByPanelsSoThatEachIsReadOnce() {
        Grid grid = grid(2, 49, 2048, 512, 100);
        assertThat(grid.heights().count()).isEqualTo(1);
        assertThat(grid.widths().count()).isEqualTo(16);
    }

    @Test
    void manyRowsAreCutByRows() {
        Grid grid = grid(2, 3136, 64, 256, 100);
        assertThat(grid.widths().count()).isEqualTo(1);
        assertThat(grid.heights().count()).isBetween(8, 16);
    }

    @Test
    void noChunkIsEmptyOrHigherThanAllowed() {
        for (int threads : new int[] {1, 2, 3, 8}) {
            for (int m : new int[] {1, 5, 6, 13, 100, 1000}) {
                for (int n : new int[] {1, 64, 65, 1000}) {
                    for (int tall : new int[] {1, 7, 100}) {
                        Grid grid = grid(threads, m, n, 64, tall);
                        assertThat(grid.heights().total()).isEqualTo(Math.ceilDiv(m, 6));
                        assertThat(grid.widths().total()).isEqualTo(Math.ceilDiv(n, 64));
                        assertThat(grid.heights().largest()).isBetween(1, tall);
                        assertThat(grid.heights().size(grid.heights().count() - 1)).isPositive();
                        assertThat(grid.widths().size(grid.widths().count() - 1)).isPositive();
                    }
                }
            }
        }
    }
}
