/// Modules as ONNX files, for other engines.
@org.jspecify.annotations.NullMarked
module dev.gatun.onnx {
    requires static transitive org.jspecify;
    requires transitive dev.gatun.nn;

    exports dev.gatun.onnx;
}
