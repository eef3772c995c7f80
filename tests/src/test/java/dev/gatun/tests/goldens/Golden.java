package dev.gatun.tests.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.nn.ModelFile;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// One file of tensors that PyTorch wrote (see `tests/goldens/write.py`), keyed `case/what`.
record Golden(Map<String, Tensor> tensors) {
    /// PyTorch's own tolerance for F32.
    static final double RTOL = 1.3e-6;
    static final double ATOL = 1e-5;
    /// For whole networks.
    static final double NETWORK = 1e-4;

    static Path file(String name) {
        try {
            return Path.of(java.util.Objects.requireNonNull(Golden.class.getResource("/goldens/" + name)).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Golden read(String name) {
        try {
            return new Golden(ModelFile.read(file(name)).tensors());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Set<String> cases() {
        Set<String> cases = new TreeSet<>();
        tensors.keySet().forEach(k -> cases.add(k.substring(0, Math.max(k.indexOf('/'), 0))));
        return cases;
    }

    Tensor get(String key) {
        return java.util.Objects.requireNonNull(tensors.get(key), key);
    }

    boolean has(String key) {
        return tensors.containsKey(key);
    }

    /// All tensors whose key starts with `prefix`, by the rest of the key.
    Map<String, Tensor> all(String prefix) {
        Map<String, Tensor> found = new LinkedHashMap<>();
        tensors.forEach((key, t) -> {
            if (key.startsWith(prefix)) {
                found.put(key.substring(prefix.length()), t);
            }
        });
        return found;
    }

    static void close(String what, Tensor actual, Tensor expected, double rtol, double atol) {
        assertThat(actual.shape()).as("shape of " + what).isEqualTo(expected.shape());
        assertThat(actual.dtype()).as("type of " + what).isEqualTo(expected.dtype());
        double[] a = actual.toDoubles();
        double[] e = expected.toDoubles();
        for (int i = 0; i < e.length; i++) {
            boolean near =
                    Double.isNaN(e[i]) ? Double.isNaN(a[i]) : Math.abs(a[i] - e[i]) <= atol + rtol * Math.abs(e[i]);
            assertThat(near).as(what + " element " + i + ": " + a[i] + ", PyTorch " + e[i] + " of "
                    + Arrays.toString(expected.shape().dims())).isTrue();
        }
    }
}
