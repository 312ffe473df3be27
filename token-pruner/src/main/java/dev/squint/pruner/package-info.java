/**
 * The domain model: sets of visual tokens, the evidence about them, and decisions about them. It is
 * plain maths on the JDK alone, so a method can be read, tested and reused without a tensor library
 * or an inference engine.
 *
 * <p>Start with three types. A {@link dev.squint.pruner.TokenSet} is the visual tokens of one
 * request at one point: {@link dev.squint.pruner.PatchTokens} after the encoder, {@link
 * dev.squint.pruner.LayerTokens} between decoder layers. A {@link dev.squint.pruner.Pruner} reads
 * it and returns a {@link dev.squint.pruner.TokenReduction}: which tokens are kept, merged or
 * dropped. The decision contains no tensors; {@link dev.squint.pruner.TokenSet#reduced} applies it
 * to all properties of the tokens at once.
 *
 * <pre>{@code
 * PruningPlan plan = PruningPlan.parse("encoder:cls-attention(keep=0.25)");
 * PatchTokens tokens = PatchTokens.encoded(
 *     tiles, features, EvidenceSet.nothing().with(new ClsAttention(-1), attention));
 * TokenReduction reduction = plan.reduce(Point.ENCODER, tokens);
 * PatchTokens fewer = tokens.reduced(reduction);
 * }</pre>
 *
 * <p>The decoder takes two more kinds of decisions. A {@link dev.squint.pruner.LayerRouter} decides
 * which tokens a layer processes; the others skip it. A {@link dev.squint.pruner.CachePolicy} reads
 * a layer's {@link dev.squint.pruner.CachedTokens} and decides which parts of its KV cache are kept
 * and in which storage format. After a pruner has dropped tokens between layers, its {@link
 * dev.squint.pruner.Continuation} says how the remaining tokens are numbered.
 *
 * <p>To write a method, implement {@link dev.squint.pruner.TokenScorer} (one score per token) or
 * {@link dev.squint.pruner.Pruner} as a public record; its components become the parameters in a
 * plan. Declare in {@code needs()} what it reads in addition to the tokens ({@link
 * dev.squint.pruner.Evidence}). Traps: ties go to the earlier token; a budget says what is
 * <em>kept</em>; one set contains the tokens of several pictures, frames and tiles, distinguished
 * by their {@link dev.squint.pruner.TokenPosition}; a token may already represent several patches.
 *
 * <p>Letters in shapes, here and in all other modules: N tokens, N' tokens after a reduction, D
 * features of a token, L layers, H attention heads, S positions of the prompt, T text tokens of the
 * question.
 */
@NullMarked
package dev.squint.pruner;

import org.jspecify.annotations.NullMarked;
