/**
 * The part of Jinja2 that chat templates use, with the results of Python's Jinja2 3.1 as
 * transformers sets it up: a sandbox without change of values, {@code trim_blocks}, {@code
 * lstrip_blocks}, loop controls, {@code generation} blocks, transformers' own {@code tojson},
 * {@code raise_exception} and {@code strftime_now}. Begin with {@link
 * dev.squint.llm.jinja.Template}.
 *
 * <p>Reading: {@code Lexer}, {@code ExpressionParser}, {@code StatementParser}. Names: {@code
 * Names} decides before the first run which scope a name belongs to, as Jinja2's compiler does.
 * Running: each {@code Expr} evaluates and each {@code Statement} renders itself. Values: {@code
 * Values} has Python's truth, equality, order and printing.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Whatever is not here is refused by its name. Nothing may be rendered in a way that differs
 *       from Jinja2.
 *   <li>Strings are counted and cut in code points, as Python's are.
 *   <li>Templates of packages are untrusted: every step and every character counts against a {@code
 *       WorkLimit}.
 *   <li>{@code map}, {@code select} and similar filters give values that can be read once.
 * </ul>
 */
@NullMarked
package dev.squint.llm.jinja;

import org.jspecify.annotations.NullMarked;
