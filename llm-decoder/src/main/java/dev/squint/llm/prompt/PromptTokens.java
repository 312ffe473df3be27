package dev.squint.llm.prompt;

import dev.squint.llm.chat.SpecialTexts;

/**
 * The tokens of a prompt that have a meaning of their own.
 *
 * @param image stands for a visual token in the prompt
 * @param imageId its id
 * @param placeholder stands for a picture in the chat template; the image token for most models
 * @param begin what the tokenizer puts before a text; left to the template where it writes it
 *     itself; may be empty
 * @param inTexts what stays plain text where a user writes it
 */
public record PromptTokens(
    String image, long imageId, String placeholder, String begin, SpecialTexts inTexts) {}
