/// Times of single calls, their distribution, and calls per second of several threads. Uses the JDK alone: the JVMs of
/// the peers load it too.
package dev.gatun.perf.measure;
