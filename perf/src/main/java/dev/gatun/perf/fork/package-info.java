/// Work in JVMs of its own: one child process per side of a comparison, driven by lines over its standard input and
/// output. A child that is not asked for anything waits for its next line and uses no processor. Uses the JDK and
/// `dev.gatun.perf.measure` alone: the JVMs of the peers load it too.
package dev.gatun.perf.fork;
