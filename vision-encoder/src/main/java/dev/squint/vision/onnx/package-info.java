/**
 * ONNX graphs as files and as sessions: what a graph takes and gives is read from its metadata,
 * never guessed from a model's name. Both halves of a model, vision encoder and decoder, are opened
 * here.
 */
@NullMarked
package dev.squint.vision.onnx;

import org.jspecify.annotations.NullMarked;
