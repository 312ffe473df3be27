/**
 * The command line {@code squint}. It lives beside the evaluation because both are front ends of
 * the same library, and a person who measures a plan wants to try it on one picture with the same
 * words.
 */
@NullMarked
package dev.squint.eval.cli;

import org.jspecify.annotations.NullMarked;
