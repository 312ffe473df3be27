/**
 * From messages and visual tokens to the decoder's input. Start with {@link
 * dev.squint.llm.prompt.PromptWriter}. The chat template writes the conversation with one
 * placeholder for each picture; {@link dev.squint.llm.prompt.PictureText} (one for each family of
 * models) replaces it by one image token for each visual token; the tokenizer makes ids; the
 * embeddings of the image tokens are replaced by the visual tokens.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>The text is written after pruning. A picture with fewer tokens has fewer image tokens, and
 *       for some families other line breaks and crop names.
 *   <li>{@link dev.squint.llm.prompt.Prompt#visual} does not always ascend: {@link
 *       dev.squint.llm.prompt.JointGrid} writes crops row by row over all of them.
 *   <li>Positions may have several axes ({@link dev.squint.llm.prompt.MropePositions}); then the
 *       next position is not the number of tokens.
 *   <li>Text of a user that contains an image token is refused, since it would shift all pictures.
 * </ul>
 */
@NullMarked
package dev.squint.llm.prompt;

import org.jspecify.annotations.NullMarked;
