/**
 * Speed benchmarks of a model. All compared settings run in turn in the same process, round by
 * round, so that other load on the machine affects all of them equally. Figures are medians over
 * the rounds; ratios are medians of the ratios per round.
 */
@NullMarked
package dev.squint.eval.bench;

import org.jspecify.annotations.NullMarked;
