package dev.squint.vision.onnx.quantize;

import java.nio.file.Path;

/**
 * A graph that was written in another form.
 *
 * @param file the new graph
 * @param weights number of weights that have codes now
 * @param bytesBefore bytes of all constants before
 * @param bytesAfter bytes of all constants after
 */
public record QuantizedGraph(Path file, int weights, long bytesBefore, long bytesAfter) {}
