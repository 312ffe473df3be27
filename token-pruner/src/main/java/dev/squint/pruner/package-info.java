/**
 * The words of the domain: sets of visual tokens, what is known of each, and decisions about them.
 * Plain maths on the JDK alone, so a method can be read, tested and reused without a tensor library
 * or an inference engine.
 *
 * <p>A {@link dev.squint.pruner.TokenSet} is the visual tokens of one request at one point: {@link
 * dev.squint.pruner.PatchTokens} after the encoder, {@link dev.squint.pruner.LayerTokens} between
 * decoder layers. A {@link dev.squint.pruner.Pruner} looks at it and gives a {@link
 * dev.squint.pruner.TokenReduction}: which tokens stay, which join another, which go. The decision
 * is apart from any tensor; {@link dev.squint.pruner.TokenSet#reduced} applies it to everything
 * that is known of the tokens at once.
 *
 * <pre>{@code
 * PruningPlan plan = PruningPlan.parse("encoder:cls-attention(keep=0.25)");
 * PatchTokens tokens = PatchTokens.encoded(
 *     tiles, features, EvidenceSet.nothing().with(new ClsAttention(-1), attention));
 * TokenReduction reduction = plan.reduce(Point.ENCODER, tokens);
 * PatchTokens fewer = tokens.reduced(reduction);
 * }</pre>
 *
 * <p>Two more kinds of decisions are the decoder's: a {@link dev.squint.pruner.LayerRouter} says
 * which tokens a layer processes while the rest pass by, and a {@link
 * dev.squint.pruner.CachePolicy} looks at a layer's {@link dev.squint.pruner.CachedTokens} and says
 * what stays of its KV cache and in which form. After a pruner has dropped tokens between layers,
 * its {@link dev.squint.pruner.Continuation} says at which positions the others go on.
 *
 * <p>To write a method, implement {@link dev.squint.pruner.TokenScorer} (one score a token) or
 * {@link dev.squint.pruner.Pruner} as a public record; its components become the parameters that
 * plans offer. Name in {@code needs()} what it reads beside the tokens ({@link
 * dev.squint.pruner.Evidence}; the kinds are in {@code dev.squint.pruner.evidence}). Traps: ties go
 * to the earlier token; a budget says what is <em>kept</em>; tokens of several pictures, frames and
 * tiles come together, told apart by their {@link dev.squint.pruner.TokenPosition}; a token may
 * already stand for several patches.
 *
 * <p>Letters in shapes, here and in all other modules: N tokens, N' tokens after a reduction, D
 * features of a token, L layers, H attention heads, S positions of the prompt, T text tokens of the
 * question.
 */
@NullMarked
package dev.squint.pruner;

import org.jspecify.annotations.NullMarked;
