/// The suite across modules. Nothing depends on this module.
@org.jspecify.annotations.NullMarked
module dev.gatun.tests {
    requires static transitive org.jspecify;
    requires dev.gatun.nn;
    requires jdk.compiler;
    requires jdk.management;
}
