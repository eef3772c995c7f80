/// What operands must be, one class per family, thrown when a call is made. Every implementation of a family calls
/// these, so that all of them refuse the same things with the same words.
package dev.gatun.kernels.check;
