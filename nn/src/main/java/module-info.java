/// Modules, layers, losses, optimisers, data, metrics, training, sessions and model files.
@org.jspecify.annotations.NullMarked
module dev.gatun.nn {
    requires static transitive org.jspecify;
    requires transitive dev.gatun.ops;
    requires me.tongfei.progressbar;
    requires com.fasterxml.jackson.core;
    requires java.management;
    requires jdk.management;

    exports dev.gatun.nn;
    exports dev.gatun.nn.data;
    exports dev.gatun.nn.io;
    exports dev.gatun.nn.layers;
    exports dev.gatun.nn.loss;
    exports dev.gatun.nn.metrics;
    exports dev.gatun.nn.models;
    exports dev.gatun.nn.optim;
    exports dev.gatun.nn.train;
}
