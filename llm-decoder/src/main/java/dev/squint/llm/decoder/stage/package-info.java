/**
 * One graph of the decoder: a run of layers, its inputs and outputs, and what is known when it
 * ends.
 *
 * <p>Start with {@link dev.squint.llm.decoder.stage.DecoderStage}: its {@code run} takes hidden
 * states, new tokens and the cache. {@link dev.squint.llm.decoder.stage.StageSignature} is read
 * from the graph's metadata. Between two stages a {@link dev.squint.llm.decoder.stage.StageHook}
 * reads a {@link dev.squint.llm.decoder.stage.StageEnd} and returns the {@link
 * dev.squint.llm.decoder.stage.StageInput} of the next stage. {@code TapAttention} computes
 * attention from tapped queries and keys; {@code AttentionVisibility} says which keys a query sees.
 *
 * <p>A stage runs what it is given. Order, decisions and sequences are the work of {@code
 * dev.squint.llm.decoder.session}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>The result of a run lives until the stage runs again, because its tensors are the cache of
 *       the next step. Whoever keeps values longer copies them.
 *   <li>A run without queries computes no taps: a stage with taps costs nothing extra then.
 *   <li>Tapped queries are rotated and scaled, keys are rotated. Attention ahead ({@code
 *       attentionAhead}) takes the taps of the next stage's first layer.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.stage;

import org.jspecify.annotations.NullMarked;
