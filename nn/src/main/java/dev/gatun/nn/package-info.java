/// Networks from layers.
package dev.gatun.nn;
