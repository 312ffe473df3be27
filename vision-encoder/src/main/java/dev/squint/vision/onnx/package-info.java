/**
 * Opens and runs ONNX graphs: both the vision encoder and the decoder of a model. Inputs and
 * outputs are read from the graph's metadata, never guessed from a model's name.
 *
 * <p>Start with {@link dev.squint.vision.onnx.OnnxSession}. It opens a graph by its path, lists its
 * inputs and outputs as {@link dev.squint.vision.onnx.TensorSpec}, makes input tensors that are
 * checked against the graph, and runs it. Get the ONNX Runtime environment only from {@link
 * dev.squint.vision.onnx.OnnxRuntime}, because telemetry must be switched off before it is created.
 * {@link dev.squint.vision.onnx.Cancellation} stops runs of a cancelled request.
 *
 * <p>Traps: a tensor made from a direct buffer shares the buffer's memory. Tensors and results are
 * outside the Java heap and must be closed. Each session has its own thread pool unless {@link
 * dev.squint.vision.onnx.SessionSettings} selects the shared one.
 */
@NullMarked
package dev.squint.vision.onnx;

import org.jspecify.annotations.NullMarked;
