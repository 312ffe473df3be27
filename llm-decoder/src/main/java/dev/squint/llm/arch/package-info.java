/**
 * Packages with the architecture of well-known models and random weights: right for measuring
 * speed, wrong for everything else. {@link dev.squint.llm.arch.Architectures} makes them at first
 * use; {@code DecoderGraph} and {@code VisionGraph} write the graphs, with the operators that the
 * exports of these models have.
 */
@NullMarked
package dev.squint.llm.arch;

import org.jspecify.annotations.NullMarked;
