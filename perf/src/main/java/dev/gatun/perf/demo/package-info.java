/// The main job: a network trains on real digits, is saved, loaded again and served from a compiled session.
package dev.gatun.perf.demo;
