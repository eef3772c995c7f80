/// What a compiled session runs: a [Graph][dev.gatun.ops.graph.Graph] is traced from tensor code, passes rewrite it, a
/// [Plan][dev.gatun.ops.graph.Plan] lays out weights and memory, and a [Workspace][dev.gatun.ops.graph.Workspace] holds
/// the bound kernel calls for one caller at a time.
package dev.gatun.ops.graph;
