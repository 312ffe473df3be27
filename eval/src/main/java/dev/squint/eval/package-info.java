/**
 * Measures models and pruning plans: accuracy with intervals, kept tokens, times and bytes, each
 * table written by one command.
 */
@NullMarked
package dev.squint.eval;

import org.jspecify.annotations.NullMarked;
