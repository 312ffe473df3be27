/**
 * File formats by their structure: what a file is, how large its picture is and what decoding it
 * costs, read from markers, chunks, boxes and directories. Nothing is decoded here.
 *
 * <p>Start with {@link dev.squint.vision.format.FileFormat#of}. Each {@code ...Structure} walks one
 * format and never fails: where a file is cut off or damaged, it reports what came before. Traps:
 * files declare more than they hold, so every length is compared with the file; tables can point to
 * each other in circles, so every walk has a bound.
 */
@NullMarked
package dev.squint.vision.format;

import org.jspecify.annotations.NullMarked;
