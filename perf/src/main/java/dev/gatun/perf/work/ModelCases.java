package dev.gatun.perf.work;

import dev.gatun.nn.models.Bert;
import dev.gatun.nn.models.LstmEncoder;
import dev.gatun.nn.models.Mlp;
import dev.gatun.nn.models.MobileNetV2;
import dev.gatun.nn.models.ResNet;
import dev.gatun.nn.models.TimeSeriesCnn;
import dev.gatun.nn.models.Vgg;
import dev.gatun.ops.Shape;
import java.util.List;

/// Whole networks of published shape.
final class ModelCases {
    private static final Shape IMAGE = Shape.of(1, 3, 224, 224);

    static final List<NetworkCase> ALL = List.of(
            NetworkCase.of("mlp", Shape.of(1, 784), Mlp::of),
            NetworkCase.of("timeseries-cnn", Shape.of(1, 3, 80), TimeSeriesCnn::of),
            NetworkCase.ofIds("minilm6-s32", Shape.of(1, 32), Bert.Config.miniLm6().vocabulary(),
                    g -> new Bert(Bert.Config.miniLm6(), g)),
            NetworkCase.ofIds("bert-base-s128", Shape.of(1, 128), Bert.Config.base().vocabulary(),
                    g -> new Bert(Bert.Config.base(), g)),
            NetworkCase.of("lstm2-t100", Shape.of(1, 100, 128), LstmEncoder::of),
            NetworkCase.of("attention-12x1024x64", Shape.of(1, 12, 1024, 64), _ -> new SelfAttention()),
            NetworkCase.of("mobilenetv2", IMAGE, MobileNetV2::of),
            NetworkCase.of("resnet18", IMAGE, ResNet::of18),
            NetworkCase.of("resnet50", IMAGE, ResNet::of50),
            NetworkCase.of("vgg16", IMAGE, Vgg::of16));

    private ModelCases() {}
}
