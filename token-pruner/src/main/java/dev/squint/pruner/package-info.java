/**
 * The words of the domain and every reduction of visual tokens as plain maths: token sets, budgets,
 * reductions, plans, and one small record per published method. It depends on the JDK alone, so a
 * method can be read, tested and reused without a tensor library or an inference engine.
 *
 * <p>Letters in shapes, here and in all other modules: N tokens, D features of a token, L layers, H
 * attention heads, S positions of the prompt, T tiles.
 */
@NullMarked
package dev.squint.pruner;

import org.jspecify.annotations.NullMarked;
