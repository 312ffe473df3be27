/**
 * The command line {@code squint}. It is in this module because the evaluation is its largest part,
 * and both use the same plans and options.
 *
 * <p>Start with {@link dev.squint.eval.cli.Squint}, which lists the commands. Each command is one
 * class named {@code ...Command}. Options that several commands have are classes named {@code
 * ...Option} or {@code ...Options}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Standard output has results only. Progress, notes and errors go to standard error.
 *   <li>An error is one line. Its exception must be an {@code IllegalArgumentException}, {@code
 *       IllegalStateException} or {@code UncheckedIOException}, or the line shows the name of its
 *       class.
 *   <li>{@code serve} and {@code spark} are programs of their own. The script {@code squint} starts
 *       them; their classes here only list them.
 * </ul>
 */
@NullMarked
package dev.squint.eval.cli;

import org.jspecify.annotations.NullMarked;
