/// One pool of platform threads, the caller included.
package dev.gatun.kernels.thread;
