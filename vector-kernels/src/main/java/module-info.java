/// Numbers in memory to numbers in memory: every kernel family as a naive reference and as a SIMD version.
/// Knows no tensor and no gradient. The only module that sees `jdk.incubator.vector`.
@org.jspecify.annotations.NullMarked
module dev.gatun.kernels {
    requires static transitive org.jspecify;
    requires jdk.incubator.vector;
    requires jdk.management;

    exports dev.gatun.kernels;
    exports dev.gatun.kernels.expr;
    exports dev.gatun.kernels.memory;
    exports dev.gatun.kernels.thread;
}
