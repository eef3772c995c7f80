/// Benchmarks, the latency harness, peers side by side, and the demo. Nothing depends on this module.
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-automatic")
module dev.gatun.perf {
    requires static transitive org.jspecify;
    requires dev.gatun.nn;
    requires dev.gatun.onnx;
    requires com.fasterxml.jackson.core;
    requires jdk.management;
    requires jmh.core;
    requires HdrHistogram;
    requires org.knowm.xchart;
}
