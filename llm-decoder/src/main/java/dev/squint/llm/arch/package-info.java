/**
 * Writes packages with the architecture of well-known models and random weights. They are right for
 * measuring speed and wrong for everything else. Start with {@link
 * dev.squint.llm.arch.Architectures}; {@code DecoderGraph} and {@code VisionGraph} write the
 * graphs, with the operators that the exports of these models have.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Answers are noise, and {@code squint_note} in the package is repeated in every answer.
 *   <li>Graphs are written at first use and take as much disk as the real weights.
 *   <li>If you change what is written, change {@code Architectures.VERSION}; otherwise packages
 *       made before are used again.
 * </ul>
 */
@NullMarked
package dev.squint.llm.arch;

import org.jspecify.annotations.NullMarked;
