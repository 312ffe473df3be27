/**
 * Chooses where and how much to prune inside a decoder, from measurements on sample questions, and
 * fits the domain of a model to pictures.
 *
 * <p>Start with {@link dev.squint.eval.calibrate.Calibrator} for plans and with {@link
 * dev.squint.eval.calibrate.DomainFit} for the domain.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Plans are judged by how many answers they leave unchanged, not by how many are right.
 *   <li>A calibration is valid for one model only, so it holds a hash of the model's files.
 *   <li>{@code LayerProbe} records the attention of one question at a time and is not thread-safe.
 * </ul>
 */
@NullMarked
package dev.squint.eval.calibrate;

import org.jspecify.annotations.NullMarked;
