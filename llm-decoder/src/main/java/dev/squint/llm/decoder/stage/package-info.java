/**
 * One graph of the decoder: a run of layers, its inputs and outputs, and what is known when it
 * ends.
 *
 * <p>Start with {@link dev.squint.llm.decoder.stage.DecoderStage}: its {@code run} takes hidden
 * states, new tokens and the cache. {@link dev.squint.llm.decoder.stage.StageSignature} is read
 * from the graph's metadata. Between two stages a {@link dev.squint.llm.decoder.stage.StageHook}
 * reads a {@link dev.squint.llm.decoder.stage.StageEnd} and returns the {@link
 * dev.squint.llm.decoder.stage.StageInput} of the next stage. {@code TapAttention} computes
 * attention from tapped queries and keys; {@code AttentionVisibility} holds which keys a query
 * sees.
 *
 * <p>A stage only runs its graph. Order, decisions and sequences are the work of {@code
 * dev.squint.llm.decoder.session}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>The result of a run lives until the stage runs again. Whoever keeps values longer copies
 *       them.
 *   <li>The result of a step may lack the cache: where the graph can, it writes new rows into the
 *       cache's own tensors. Keys of a cache are read by {@code StageCache.rows}, never from the
 *       result of a step.
 *   <li>A run without queries computes no taps: a stage with taps costs nothing extra then.
 *   <li>Tapped queries are rotated and scaled, keys are rotated. Attention ahead ({@code
 *       attentionAhead}) takes the taps of the next stage's first layer.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.stage;

import org.jspecify.annotations.NullMarked;
