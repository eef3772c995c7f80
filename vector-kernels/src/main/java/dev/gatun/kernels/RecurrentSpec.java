package dev.gatun.kernels;

/// One direction of one recurrent layer: which cell, and whether the sequence is walked from its end.
public record RecurrentSpec(RecurrentCell cell, boolean reverse) {}
