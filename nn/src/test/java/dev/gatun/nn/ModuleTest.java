package dev.gatun.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.nn.layers.Flatten;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Residual;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleTest {
    private static Sequential network(long seed) {
        Generator generator = Generator.of(seed);
        return new Sequential(new Flatten(), new Linear(6, 4, generator),
                new Residual(new Sequential(new Linear(4, 4, false, generator), Activation.relu())),
                new Dropout(0.5, generator), new Linear(4, 2, generator));
    }

    @Test
    void namesAreThoseOfPyTorch() {
        assertThat(network(1).stateDict().keySet())
                .containsExactly("1.weight", "1.bias", "2.body.0.weight", "4.weight", "4.bias");
        assertThat(network(1).parameters().get("1.weight").shape().dims()).containsExactly(4, 6);
        assertThat(network(1).parameterCount()).isEqualTo(24 + 4 + 16 + 8 + 2);
        assertThat(network(1).toString()).contains("(2): Residual(").contains("p=0.5").contains("in=6, out=4");
    }

    @Test
    void statesMoveBetweenNetworksAndThroughFiles(@TempDir Path folder) throws IOException {
        Sequential a = network(1);
        Sequential b = network(2);
        Tensor x = Generator.of(3).normal(0, 1, 5, 2, 3);
        a.eval();
        b.eval();
        float[] expected = a.forward(x).toFloats();
        assertThat(b.forward(x).toFloats()).isNotEqualTo(expected);
        b.load(a.stateDict());
        assertThat(b.forward(x).toFloats()).isEqualTo(expected);
        Sequential c = network(4);
        c.eval();
        ModelFile.save(a, folder.resolve("a.safetensors"));
        ModelFile.load(c, folder.resolve("a.safetensors"));
        assertThat(c.forward(x).toFloats()).isEqualTo(expected);
    }

    @Test
    void aStateThatDoesNotFitChangesNothing(@TempDir Path folder) throws IOException {
        Sequential a = network(1);
        float[] before = a.parameters().get("1.weight").toFloats();
        Map<String, Tensor> state = new LinkedHashMap<>(network(2).stateDict());
        state.put("extra", Tensor.zeros(1));
        state.put("1.bias", Tensor.zeros(5));
        state.remove("4.bias");
        String message = "load: the state does not fit: missing [4.bias], unexpected [extra], of another shape"
                + " {1.bias=[5] for [4]}";
        assertThatThrownBy(() -> a.load(state)).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
        Path path = folder.resolve("wrong.safetensors");
        ModelFile.write(path, state, Map.of());
        assertThatThrownBy(() -> ModelFile.load(a, path)).hasMessage(message);
        assertThat(a.parameters().get("1.weight").toFloats()).isEqualTo(before);
    }

    @Test
    void modesAndFreezingReachAllModules() {
        Sequential a = network(1);
        assertThat(a.modules().values()).allMatch(Module::isTraining);
        a.eval();
        assertThat(a.modules().values()).noneMatch(Module::isTraining);
        a.freeze();
        assertThat(a.parameters().values()).noneMatch(Tensor::requiresGrad);
        a.unfreeze();
        assertThat(a.parameters().values()).allMatch(Tensor::requiresGrad);
    }

    @Test
    void summariesCountEveryModule() {
        Sequential a = network(1);
        Summary summary = Summary.of(a, 3, 2, 3);
        assertThat(a.isTraining()).isTrue();
        assertThat(summary.parameters()).isEqualTo(54);
        assertThat(summary.multiplyAdds()).isEqualTo(3 * (24 + 16 + 8));
        assertThat(summary.rows()).extracting(Summary.Row::name)
                .containsExactly("", "0", "1", "2", "2.body", "2.body.0", "2.body.1", "2.shortcut", "3", "4");
        assertThat(summary.rows()).extracting(Summary.Row::depth).containsExactly(0, 1, 1, 1, 2, 3, 3, 2, 1, 1);
        assertThat(summary.rows().get(2).output().dims()).containsExactly(3, 4);
        assertThat(summary.toString()).contains("54 parameters");
    }

    @Test
    void namesAreChecked() {
        assertThatThrownBy(() -> new Sequential(Map.of("a.b", new Flatten()))).hasMessageContaining("dot");
        assertThatThrownBy(() -> new Linear(0, 3, Generator.of(1))).hasMessageContaining("in 0, out 3");
    }
}
