/// Writes a module as an ONNX file that other engines run. [dev.gatun.onnx.OnnxExport] traces the module in evaluation
/// mode; each operation is written by one rule.
package dev.gatun.onnx;
