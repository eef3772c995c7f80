/// The native engines that Gatun is measured beside, each in a JVM of its own that speaks the protocol of
/// `dev.gatun.perf.fork`. They are given a model file and its inputs, and know nothing of Gatun's tensors.
@org.jspecify.annotations.NullMarked
package dev.gatun.peers;
