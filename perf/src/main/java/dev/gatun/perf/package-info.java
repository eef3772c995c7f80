/// Measures Gatun and shows it at work.
package dev.gatun.perf;
