/// How good the answers are: accuracy, confusion matrices and what is computed from them.
package dev.gatun.nn.metrics;
