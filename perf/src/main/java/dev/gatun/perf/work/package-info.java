/// Gatun's side of the comparisons: the cases by name, and the child process that runs them.
package dev.gatun.perf.work;
