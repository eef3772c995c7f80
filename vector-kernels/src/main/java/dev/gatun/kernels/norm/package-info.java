/// Layer norm and RMS norm of rows: the fast implementations. Not exported.
package dev.gatun.kernels.norm;
