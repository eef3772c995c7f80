package dev.gatun.tests;

import dev.gatun.nn.Module;
import dev.gatun.nn.models.Mlp;
import dev.gatun.nn.models.MobileNetV2;
import dev.gatun.nn.models.MobileNetV2.Stage;
import dev.gatun.nn.models.ResNet;
import dev.gatun.nn.models.TimeSeriesCnn;
import dev.gatun.nn.models.Vgg;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import java.util.List;
import java.util.function.Function;

/// A relative of a model that is small enough to be tested often, and an input for it. The same ones are in
/// `tests/goldens/write.py`.
public record SmallModels(String name, Shape input, Function<Generator, Module> maker) {
    /// One per architecture.
    public static final List<SmallModels> ALL = List.of(
            new SmallModels("resnet basic", Shape.of(3, 3, 21, 26),
                    g -> new ResNet(new ResNet.Options(ResNet.Kind.BASIC, List.of(1, 2), 4, 3, 5), g)),
            new SmallModels("resnet bottleneck", Shape.of(3, 3, 26, 21),
                    g -> new ResNet(new ResNet.Options(ResNet.Kind.BOTTLENECK, List.of(2, 1), 4, 3, 5), g)),
            new SmallModels("vgg", Shape.of(2, 3, 18, 29),
                    g -> new Vgg(new Vgg.Options(List.of(List.of(4), List.of(6, 6)), 10, 3, 5), g)),
            new SmallModels("mobilenetv2", Shape.of(3, 3, 19, 22), g -> new MobileNetV2(
                    new MobileNetV2.Options(6, List.of(new Stage(1, 4, 1, 1), new Stage(3, 6, 2, 2)), 12, 3, 5), g)),
            new SmallModels("time series cnn", Shape.of(2, 3, 80),
                    g -> new TimeSeriesCnn(new TimeSeriesCnn.Options(3, 7, 9, 10, 3, 0.5, 6), g)),
            new SmallModels("mlp", Shape.of(4, 17), g -> new Mlp(g, 17, 13, 11, 3)));

    /// A new one, always with the same numbers.
    public Module make() {
        return maker.apply(Generator.of(5));
    }
}
