package dev.squint.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.model.EncoderDecoder;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Tokenizer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The placeholder token of a visual token in a prompt.
 *
 * @param text as the template writes it
 * @param id as the tokenizer numbers it
 */
record ImageToken(String text, long id) {

  /**
   * Finds it: the id in {@code config.json}, the text in the configuration of tokenizer or
   * processor; if only one is present, the other is derived from it.
   *
   * @throws IllegalArgumentException if neither is present, or they differ
   */
  static ImageToken of(ModelPackage model, Tokenizer tokenizer) {
    JsonNode configured =
        model.config().path("image_token_index").isIntegralNumber()
            ? model.config().path("image_token_index")
            : model.config().path("image_token_id");
    String text =
        model
            .specialToken("image_token")
            .or(
                () ->
                    configured.isIntegralNumber() ? Optional.empty() : model.family().imageToken())
            .orElseGet(
                () ->
                    configured.isIntegralNumber()
                        ? tokenizer.decodeAll(new long[] {configured.asLong()})
                        : substitute(model));
    if (text.isEmpty()) {
      throw model.broken(
          "config.json", "has no image_token_id, and tokenizer_config.json no image_token");
    }
    OptionalLong id = tokenizer.id(text);
    if (id.isEmpty()) {
      throw model.broken(
          "tokenizer.json", "does not know the image token '%s' as one token".formatted(text));
    }
    if (configured.isIntegralNumber() && configured.asLong() != id.getAsLong()) {
      throw model.broken(
          "config.json",
          "has the image token id %d, but '%s' is %d in tokenizer.json"
              .formatted(configured.asLong(), text, id.getAsLong()));
    }
    return new ImageToken(text, id.getAsLong());
  }

  /**
   * Public packages of Florence-2 have no token for pictures, because their tokens always come
   * first; no text has a token of padding.
   */
  private static String substitute(ModelPackage model) {
    return EncoderDecoder.is(model) ? model.specialToken("pad_token").orElse("") : "";
  }
}
