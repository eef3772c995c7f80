/// Every kernel family straight from its definition: scalar loops over any strides, accumulating in double. This is
/// what the fast kernels are held against, and what runs where there is no fast path and the host asked for it.
package dev.gatun.kernels.reference;
