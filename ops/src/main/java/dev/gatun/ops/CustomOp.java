package dev.gatun.ops;

/// An operation that a user adds: implement it (best as a record), then run it with [Tensor#apply].
public non-sealed interface CustomOp extends Op {}
