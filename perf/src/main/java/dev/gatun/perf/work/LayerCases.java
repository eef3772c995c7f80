package dev.gatun.perf.work;

import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.nn.layers.Embedding;
import dev.gatun.nn.layers.GRU;
import dev.gatun.nn.layers.LSTM;
import dev.gatun.nn.layers.LayerNorm;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.MultiheadAttention;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.PoolOptions;
import dev.gatun.nn.layers.RmsNorm;
import dev.gatun.ops.Shape;
import java.util.List;

/// Single layers other than convolutions, with the sizes they have in the networks of the suite `models`.
final class LayerCases {
    static final List<NetworkCase> ALL = List.of(
            NetworkCase.of("linear 128x768->768", Shape.of(128, 768), g -> new Linear(768, 768, g)),
            NetworkCase.of("linear 1x784->256", Shape.of(1, 784), g -> new Linear(784, 256, g)),
            NetworkCase.of("relu 64x112x112", Shape.of(1, 64, 112, 112), _ -> Activation.relu()),
            NetworkCase.of("gelu 128x3072", Shape.of(128, 3072), _ -> Activation.gelu()),
            NetworkCase.of("silu 128x3072", Shape.of(128, 3072), _ -> Activation.silu()),
            NetworkCase.of("sigmoid 1M", Shape.of(1, 1 << 20), _ -> Activation.sigmoid()),
            NetworkCase.of("tanh 1M", Shape.of(1, 1 << 20), _ -> Activation.tanh()),
            NetworkCase.of("softmax 12x128x128", Shape.of(1, 12, 128, 128), _ -> Activation.softmax(-1)),
            NetworkCase.of("softmax 1x1000", Shape.of(1, 1000), _ -> Activation.softmax(-1)),
            NetworkCase.of("layernorm 128x768", Shape.of(128, 768), _ -> new LayerNorm(768)),
            NetworkCase.of("rmsnorm 128x768", Shape.of(128, 768), _ -> new RmsNorm(768)),
            NetworkCase.ofIds("embedding 30522x768 s128", Shape.of(1, 128), 30522, g -> new Embedding(30522, 768, g)),
            NetworkCase.of("attention 12x128x64", Shape.of(1, 12, 128, 64), _ -> new SelfAttention()),
            NetworkCase.of("multihead attention 128x768", Shape.of(1, 128, 768),
                    g -> new MultiheadAttention(768, 12, g)),
            NetworkCase.of("lstm 100x128->256", Shape.of(100, 1, 128), g -> new LSTM(128, 256, g)),
            NetworkCase.of("gru 100x128->256", Shape.of(100, 1, 128), g -> new GRU(128, 256, g)),
            NetworkCase.of("batchnorm 64x56x56", Shape.of(1, 64, 56, 56), _ -> BatchNorm.of2d(64)),
            NetworkCase.of("maxpool3x3s2 64x112x112", Shape.of(1, 64, 112, 112),
                    _ -> Pool.max2d(PoolOptions.kernel(3).withStride(2).withPadding(1))),
            NetworkCase.of("avgpool2x2 64x112x112", Shape.of(1, 64, 112, 112), _ -> Pool.average2d(2)),
            NetworkCase.of("globalavg 2048x7x7", Shape.of(1, 2048, 7, 7), _ -> Pool.adaptiveAverage2d(1)));

    private LayerCases() {}
}
