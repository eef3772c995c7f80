/// The parts of an ONNX file and their bytes. Field numbers are those of onnx.proto; nothing here knows an operation.
package dev.gatun.onnx.file;
