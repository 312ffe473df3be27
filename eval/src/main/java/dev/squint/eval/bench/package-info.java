/**
 * Speed of a model, stage by stage. Whatever is compared runs in turn, round by round, in one
 * process, so that a busy machine disturbs all alike; figures are medians, ratios are medians of
 * the rounds' ratios.
 */
@NullMarked
package dev.squint.eval.bench;

import org.jspecify.annotations.NullMarked;
