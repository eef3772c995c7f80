/// Tensors, shapes, memory scopes, operations as records, autograd and the graph.
@org.jspecify.annotations.NullMarked
module dev.gatun.ops {
    requires static transitive org.jspecify;
    requires transitive dev.gatun.kernels;

    exports dev.gatun.ops;
    exports dev.gatun.ops.graph;
}
