/**
 * Inputs of a decoder: token embeddings, their positions, and extra inputs of some graphs.
 *
 * <p>Start with {@link dev.squint.llm.decoder.input.PromptEmbeddings}: a whole prompt, text and
 * visual tokens in order. {@link dev.squint.llm.decoder.input.TextEmbeddings} is the table that
 * turns token ids into embeddings. {@link dev.squint.llm.decoder.input.NewTokens} is what one run
 * of a stage gets: the same number of new tokens for each of several sequences. {@link
 * dev.squint.llm.decoder.input.Tensors} reads tensors as matrices.
 *
 * <p>This package knows no stage and no cache; all others of the decoder use it.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Positions have one axis or three (M-RoPE). Code that reads {@code axis(0)} alone is right
 *       only where the decoder has one axis.
 *   <li>The next position is a number of its own. It is not the number of tokens: a pruned prompt
 *       leaves gaps, and M-RoPE counts a picture by its longer side.
 *   <li>A prompt for layers with inputs of their own ({@link
 *       dev.squint.llm.decoder.input.LayerInputs}) needs those of its token ids; where they are
 *       left out, as in trials with random prompts, they are zero.
 *   <li>{@code PromptEmbeddings.values} is a direct buffer that is shared, not copied: read it
 *       through {@code duplicate()}.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.input;

import org.jspecify.annotations.NullMarked;
