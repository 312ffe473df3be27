/**
 * Writes 8-bit and 4-bit forms of ONNX graphs whose weights are 32-bit floats.
 *
 * <p>Start with {@link dev.squint.vision.onnx.quantize.GraphQuantizer}. It replaces products with
 * constant matrices and look-ups in embedding tables, one weight at a time, and copies everything
 * else. A {@link dev.squint.vision.onnx.quantize.QuantizedForm} says how weights are stored and
 * which operators of ONNX Runtime read them. The rounding itself is in {@code ColumnCodes}, {@code
 * RowCodes} and {@code BlockCodes}: pure functions from floats to codes and scales.
 *
 * <p>Traps: in the dynamic 8-bit form, activations share one scale in a run, so that the rows of a
 * batch change each other's last digits; the block forms have no such effect. The weights of the
 * dynamic form have 7 bits, because processors without VNNI add two products of 8 bits in 16 bits,
 * which would overflow.
 *
 * <p>Letters in shapes: K rows of a weight (inputs), N its columns (outputs), V rows of an
 * embedding table, D its columns.
 */
@NullMarked
package dev.squint.vision.onnx.quantize;

import org.jspecify.annotations.NullMarked;
