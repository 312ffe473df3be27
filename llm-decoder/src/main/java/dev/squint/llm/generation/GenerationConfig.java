package dev.squint.llm.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.model.ModelPackage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a package's {@code generation_config.json} says of how tokens are chosen.
 *
 * @param rules how logits change for what was said before
 * @param sampling how tokens are drawn where an answer is sampled; empty if the package does not
 *     ask for sampling
 * @param notes what the file asks for and Squint does not do
 */
public record GenerationConfig(LogitsRules rules, Optional<Sampling> sampling, List<String> notes) {

  private static final String FILE = "generation_config.json";

  /**
   * Settings that change answers in transformers and are not applied, with their neutral values.
   */
  private static final Map<String, List<String>> NOT_APPLIED =
      Map.ofEntries(
          Map.entry("num_beams", List.of("1")),
          Map.entry("num_beam_groups", List.of("1")),
          Map.entry("penalty_alpha", List.of("0", "0.0")),
          Map.entry("guidance_scale", List.of("1", "1.0")),
          Map.entry("sequence_bias", List.of()),
          Map.entry("exponential_decay_length_penalty", List.of()),
          Map.entry("epsilon_cutoff", List.of("0", "0.0")),
          Map.entry("eta_cutoff", List.of("0", "0.0")),
          Map.entry("top_h", List.of()),
          Map.entry("watermarking_config", List.of()),
          Map.entry("stop_strings", List.of()),
          Map.entry("prompt_lookup_num_tokens", List.of()),
          Map.entry("dola_layers", List.of()),
          Map.entry("force_words_ids", List.of()),
          Map.entry("constraints", List.of()));

  /**
   * Reads it; a package without the file has no rules.
   *
   * @throws IllegalArgumentException if a value makes no sense; the message names file and key
   */
  public static GenerationConfig of(ModelPackage model) {
    JsonNode config = model.generationConfig();
    try {
      return new GenerationConfig(rules(config), sampling(config), notes(config));
    } catch (IllegalArgumentException e) {
      throw model.broken(FILE, "cannot be used: " + e.getMessage());
    }
  }

  /** The notes of an answer whose request does not say how tokens are chosen. */
  public Optional<String> noteIfGreedy() {
    return sampling.map(
        asked ->
            "%s asks for sampling (%s), but the request has no temperature: the most probable tokens were taken"
                .formatted(FILE, asked.described()));
  }

  private static LogitsRules rules(JsonNode config) {
    List<List<Integer>> badWords = new ArrayList<>();
    for (JsonNode word : config.path("bad_words_ids")) {
      badWords.add(List.copyOf(ids(word, "bad_words_ids")));
    }
    return new LogitsRules(
        number(config, "repetition_penalty", 1),
        whole(config, "no_repeat_ngram_size"),
        badWords,
        new HashSet<>(ids(config.path("suppress_tokens"), "suppress_tokens")),
        new HashSet<>(ids(config.path("begin_suppress_tokens"), "begin_suppress_tokens")),
        new HashSet<>(ids(config.path("forced_bos_token_id"), "forced_bos_token_id")),
        new HashSet<>(ids(config.path("forced_eos_token_id"), "forced_eos_token_id")),
        whole(config, "min_new_tokens"),
        whole(config, "min_length"));
  }

  private static Optional<Sampling> sampling(JsonNode config) {
    if (!config.path("do_sample").asBoolean(false)) {
      return Optional.empty();
    }
    return Optional.of(
        new Sampling(
            number(config, "temperature", 1),
            whole(config, "top_k"),
            number(config, "top_p", 1),
            number(config, "min_p", 0),
            number(config, "typical_p", 1)));
  }

  private static List<String> notes(JsonNode config) {
    List<String> notes = new ArrayList<>();
    NOT_APPLIED.keySet().stream()
        .sorted()
        .forEach(
            key -> {
              JsonNode value = config.path(key);
              boolean set = !value.isMissingNode() && !value.isNull() && !isEmpty(value);
              if (set && !NOT_APPLIED.getOrDefault(key, List.of()).contains(value.asText())) {
                notes.add("%s has %s %s, which is not applied".formatted(FILE, key, value));
              }
            });
    return notes;
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isContainerNode() && value.isEmpty();
  }

  private static double number(JsonNode config, String key, double otherwise) {
    JsonNode value = config.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException("%s must be a number but is %s".formatted(key, value));
    }
    return value.asDouble();
  }

  private static int whole(JsonNode config, String key) {
    JsonNode value = config.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return 0;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new IllegalArgumentException(
          "%s must be a whole number but is %s".formatted(key, value));
    }
    return value.asInt();
  }

  // One token or a list of tokens.
  private static List<Integer> ids(JsonNode value, String key) {
    List<Integer> all = new ArrayList<>();
    if (value.isMissingNode() || value.isNull()) {
      return all;
    }
    Iterable<JsonNode> nodes = value.isArray() ? value : List.of(value);
    for (JsonNode node : nodes) {
      if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 0) {
        throw new IllegalArgumentException(
            "%s must have token ids of 0 or more but has %s".formatted(key, node));
      }
      all.add(node.asInt());
    }
    return all;
  }
}
