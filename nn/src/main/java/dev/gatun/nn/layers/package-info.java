/// The layers: modules with the names, parameter shapes, defaults and initial values of PyTorch.
package dev.gatun.nn.layers;
