/// Attention without its matrix of weights: tiles of queries against blocks of keys, products by the generated
/// micro-kernels, a running maximum and sum per query. One legend: `n` batch, `h` heads, `tq` `tk` queries and keys, `d`
/// `dv` sizes of keys and values, S scores, P weights, O results; `g` in front of a name is a gradient. Not exported.
package dev.gatun.kernels.attention;
