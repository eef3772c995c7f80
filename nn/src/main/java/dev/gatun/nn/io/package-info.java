/// Files: safetensors, IDX and tables of numbers, read with every length checked and written so that a crash leaves
/// the old file whole.
package dev.gatun.nn.io;
