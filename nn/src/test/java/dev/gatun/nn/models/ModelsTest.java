package dev.gatun.nn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.nn.Module;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Counts as published, names as torchvision's files have them, shapes.
class ModelsTest {
    private static void check(Function<Generator, Module> model, long parameters, int tensors, String... names) {
        try (Module m = model.apply(Generator.of(1))) {
            assertThat(m.parameterCount()).isEqualTo(parameters);
            assertThat(m.stateDict()).hasSize(tensors).containsKeys(names);
        }
    }

    @Test
    void resNet18() {
        check(ResNet::of18, 11_689_512, 122, "conv1.weight", "bn1.running_mean", "bn1.num_batches_tracked",
                "layer1.0.conv1.weight", "layer1.1.bn2.bias", "layer2.0.downsample.0.weight",
                "layer2.0.downsample.1.running_var", "layer4.1.conv2.weight", "fc.weight", "fc.bias");
    }

    @Test
    void resNet50() {
        check(ResNet::of50, 25_557_032, 320, "layer1.0.conv3.weight", "layer1.0.downsample.0.weight",
                "layer3.5.bn3.running_mean", "layer4.2.conv3.weight", "fc.bias");
    }

    @Test
    void vgg16() {
        check(Vgg::of16, 138_357_544, 32, "features.0.weight", "features.2.bias", "features.28.weight",
                "classifier.0.weight", "classifier.3.bias", "classifier.6.weight");
    }

    @Test
    void mobileNetV2() {
        check(MobileNetV2::of, 3_504_872, 314, "features.0.0.weight", "features.0.1.running_var",
                "features.1.conv.0.0.weight", "features.1.conv.1.weight", "features.1.conv.2.bias",
                "features.2.conv.1.0.weight", "features.2.conv.3.running_mean", "features.18.0.weight",
                "features.18.1.weight", "classifier.1.weight", "classifier.1.bias");
    }

    @Test
    void timeSeriesCnn() {
        check(TimeSeriesCnn::of, 520_486, 10, "features.0.weight", "features.2.bias", "features.5.weight",
                "features.7.weight", "classifier.1.bias");
    }

    @Test
    void mlp() {
        check(Mlp::of, 235_146, 6, "0.weight", "2.weight", "4.bias");
        assertThatThrownBy(() -> new Mlp(Generator.of(1), 3)).hasMessage(
                "mlp: needs the sizes of input and output at least: [3]");
    }

    private static int[] output(Module model, int... input) {
        model.eval();
        return Autograd.noGrad(() -> model.forward(Tensor.zeros(input)).shape().dims());
    }

    @Test
    void shapes() {
        Generator g = Generator.of(2);
        assertThat(output(TimeSeriesCnn.of(g), 2, 3, 80)).containsExactly(2, 6);
        assertThat(output(Mlp.of(g), 5, 784)).containsExactly(5, 10);
        assertThat(output(new ResNet(ResNet.Options.RESNET18.withClasses(7), g), 2, 3, 32, 32)).containsExactly(2, 7);
        assertThat(output(new MobileNetV2(MobileNetV2.Options.STANDARD.withClasses(7), g), 1, 3, 33, 64))
                .containsExactly(1, 7);
        Vgg.Options small = new Vgg.Options(List.of(List.of(4), List.of(6, 6)), 20, 1, 5);
        assertThat(output(new Vgg(small, g), 2, 1, 28, 28)).containsExactly(2, 5);
        assertThat(output(new Vgg(small, g), 2, 1, 40, 61)).containsExactly(2, 5);
    }

    @Test
    void firstValuesKeepTheVarianceOfGradients() {
        try (Module m = ResNet.of18(Generator.of(3))) {
            Tensor w = java.util.Objects.requireNonNull(m.parameters().get("layer3.0.conv2.weight"));
            double deviation = Math.sqrt(2.0 / (256 * 9));
            assertThat(w.std().item()).isBetween(0.99 * deviation, 1.01 * deviation);
        }
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> new ResNet.Options(ResNet.Kind.BASIC, List.of(2, 0), 8, 3, 10))
                .hasMessage("resnet: needs stages of at least one block each: [2, 0]");
        assertThatThrownBy(() -> new Vgg.Options(List.of(), 8, 3, 10))
                .hasMessage("vgg: needs stages of at least one convolution each: []");
    }
}
