/// The training loop: epochs, callbacks, history, progress on the terminal, and pictures of how it went.
package dev.gatun.nn.train;
