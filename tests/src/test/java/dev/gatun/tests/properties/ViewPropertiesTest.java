package dev.gatun.tests.properties;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Views against a naive model: a list of numbers with sizes, and coordinates counted out one by one.
class ViewPropertiesTest {
    @Property(tries = 300)
    void permutingMovesCoordinates(@ForAll("shapes") int[] dims, @ForAll Random random) {
        View v = numbered(dims);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        int[] permutation = order.stream().mapToInt(Integer::intValue).toArray();
        View p = v.permute(permutation);
        for (int[] at : coordinates(p.dims())) {
            int[] before = new int[at.length];
            for (int i = 0; i < at.length; i++) {
                before[permutation[i]] = at[i];
            }
            assertThat(get(p, at)).isEqualTo(rowMajor(dims, before));
        }
    }

    @Property(tries = 300)
    void expandingRepeats(@ForAll("shapes") int[] dims, @ForAll("shapes") int[] front, @ForAll Random random) {
        int[] small = dims.clone();
        for (int i = 0; i < small.length; i++) {
            small[i] = random.nextBoolean() ? 1 : small[i];
        }
        int[] target = new int[front.length + dims.length];
        System.arraycopy(front, 0, target, 0, front.length);
        System.arraycopy(dims, 0, target, front.length, dims.length);
        View e = numbered(small).expand(target);
        assertThat(e.dims()).containsExactly(target);
        for (int[] at : coordinates(target)) {
            int[] source = Arrays.copyOfRange(at, front.length, at.length);
            for (int i = 0; i < source.length; i++) {
                source[i] = small[i] == 1 ? 0 : source[i];
            }
            assertThat(get(e, at)).isEqualTo(rowMajor(small, source));
        }
    }

    @Property(tries = 200)
    void expandingRefusesOtherSizes(@ForAll("shapes") int[] dims, @ForAll Random random) {
        if (dims.length == 0) {
            return;
        }
        int wrong = random.nextInt(dims.length);
        int[] source = dims.clone();
        source[wrong] = dims[wrong] + 2;
        assertThatThrownBy(() -> numbered(source).expand(dims)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expand: shape " + Arrays.toString(source) + " does not broadcast to "
                        + Arrays.toString(dims));
    }

    @Property(tries = 300)
    void contiguousMeansRowMajor(@ForAll("shapes") int[] dims, @ForAll Random random) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        View p = numbered(dims).permute(order.stream().mapToInt(Integer::intValue).toArray());
        boolean rowMajor = true;
        for (int[] at : coordinates(p.dims())) {
            rowMajor &= get(p, at) == rowMajor(p.dims(), at);
        }
        assertThat(p.isContiguous()).isEqualTo(rowMajor);
    }

    @Property(tries = 200)
    void copyingKeepsOrder(@ForAll("shapes") int[] dims, @ForAll Random random) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        View p = numbered(dims).permute(order.stream().mapToInt(Integer::intValue).toArray());
        View out = View.of(Arena.ofAuto().allocate(Math.max(p.count(), 1) * 4L, 64), 0, DType.F32, p.dims());
        Kernels.reference().copy().copy(p, out).run(MemorySegment.NULL);
        for (int[] at : coordinates(p.dims())) {
            assertThat(get(out, at)).isEqualTo(get(p, at));
        }
    }

    @Property(tries = 200)
    void elementsOutsideTheMemoryAreRefused(@ForAll("shapes") int[] dims) {
        int count = View.count(dims);
        if (count > 0) {
            assertThatThrownBy(() -> View.of(Arena.ofAuto().allocate(count * 4L, 64), 4, DType.F32, dims))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("view: elements lie outside the memory: dims " + Arrays.toString(dims));
        }
    }

    @Provide
    Arbitrary<int[]> shapes() {
        return Arbitraries.integers().between(0, 4).array(int[].class).ofMinSize(0).ofMaxSize(4);
    }

    private static View numbered(int[] dims) {
        int count = View.count(dims);
        View v = View.of(Arena.ofAuto().allocate(Math.max(count, 1) * 4L, 64), 0, DType.F32, dims);
        for (int i = 0; i < count; i++) {
            v.setDouble(i, i);
        }
        return v;
    }

    private static List<int[]> coordinates(int[] dims) {
        List<int[]> all = new ArrayList<>();
        all.add(new int[0]);
        for (int d : dims) {
            List<int[]> longer = new ArrayList<>();
            for (int[] start : all) {
                for (int i = 0; i < d; i++) {
                    int[] next = Arrays.copyOf(start, start.length + 1);
                    next[start.length] = i;
                    longer.add(next);
                }
            }
            all = longer;
        }
        return all;
    }

    private static int rowMajor(int[] dims, int[] at) {
        int index = 0;
        for (int i = 0; i < dims.length; i++) {
            index = index * dims[i] + at[i];
        }
        return index;
    }

    private static double get(View v, int[] at) {
        long index = 0;
        for (int i = 0; i < at.length; i++) {
            index += (long) at[i] * v.stride(i);
        }
        return v.getDouble(index);
    }
}
