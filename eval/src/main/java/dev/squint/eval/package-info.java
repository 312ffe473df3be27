/**
 * Evaluates models and pruning plans: accuracy with confidence intervals, kept tokens, times and
 * cache bytes. Each table is written by one command.
 */
@NullMarked
package dev.squint.eval;

import org.jspecify.annotations.NullMarked;
