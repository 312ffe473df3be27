package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a package has of an encoder-decoder: an encoder reads the prompt, and the decoder what that
 * gives.
 *
 * @param encoder the graph that reads the prompt
 * @param start id of the token with which the decoder begins every answer
 */
public record EncoderDecoder(Path encoder, long start) {

  private static final String START = "decoder_start_token_id";

  /** Whether a package is of an encoder-decoder. */
  public static boolean is(ModelPackage model) {
    return model.config().path("is_encoder_decoder").asBoolean(false);
  }

  /**
   * Those of a package; empty if it is not one.
   *
   * @throws IllegalArgumentException if no file names the token with which the decoder begins
   */
  public static Optional<EncoderDecoder> of(ModelPackage model) {
    return is(model)
        ? Optional.of(new EncoderDecoder(model.files(Session.DECODER).get(1), start(model)))
        : Optional.empty();
  }

  private static long start(ModelPackage model) {
    JsonNode config = model.config();
    for (JsonNode place : List.of(model.generationConfig(), config, config.path("text_config"))) {
      if (place.path(START).isIntegralNumber()) {
        return place.path(START).asLong();
      }
    }
    throw model.broken("config.json", "has no " + START + ", which encoder-decoders need");
  }
}
