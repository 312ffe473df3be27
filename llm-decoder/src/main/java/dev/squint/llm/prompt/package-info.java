/**
 * From messages and visual tokens to what the decoder takes. The text is written after pruning:
 * {@link dev.squint.llm.prompt.PromptWriter} lets the chat template write the conversation, puts in
 * the place of each picture as many placeholders as it has tokens left ({@link
 * dev.squint.llm.prompt.PictureText}, one per family of models), tokenises the whole and replaces
 * the placeholders' embeddings by the visual tokens.
 */
@NullMarked
package dev.squint.llm.prompt;

import org.jspecify.annotations.NullMarked;
