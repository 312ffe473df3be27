package dev.squint.llm.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tokens that {@code tokenizer.json} looks for before it splits a text.
 *
 * @param all every one
 * @param special those that it marks as special
 * @param otherSpellings whether it may find a special one in another spelling, such as in wide
 *     letters, because it first normalises the text
 */
record AddedTokens(List<String> all, List<String> special, boolean otherSpellings) {

  /** Normalisers that leave letters as they are. */
  private static final Set<String> KEEPS_LETTERS = Set.of("Prepend", "Replace", "Strip");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads them without reading the vocabulary. */
  static AddedTokens of(File tokenizer) throws IOException {
    List<String> all = new ArrayList<>();
    List<String> special = new ArrayList<>();
    boolean normalised = false;
    boolean changesLetters = false;
    try (JsonParser parser = JSON.createParser(tokenizer)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals("normalizer")) {
          changesLetters = changesLetters(parser.readValueAsTree());
          continue;
        }
        if (!name.equals("added_tokens")) {
          parser.skipChildren();
          continue;
        }
        for (JsonNode token : parser.<JsonNode>readValueAsTree()) {
          all.add(token.path("content").asText());
          if (token.path("special").asBoolean()) {
            special.add(token.path("content").asText());
            normalised |= token.path("normalized").asBoolean();
          }
        }
      }
    }
    return new AddedTokens(all, special, normalised && changesLetters);
  }

  private static boolean changesLetters(JsonNode normalizer) {
    if (normalizer.path("type").asText().equals("Sequence")) {
      for (JsonNode part : normalizer.path("normalizers")) {
        if (changesLetters(part)) {
          return true;
        }
      }
      return false;
    }
    return normalizer.isObject() && !KEEPS_LETTERS.contains(normalizer.path("type").asText());
  }

  /**
   * The same tokenizer with other texts for some tokens, so that their own texts are plain text.
   *
   * @param names the new text of each
   */
  static byte[] renamed(byte[] tokenizer, Map<String, String> names) throws IOException {
    ObjectNode root = (ObjectNode) JSON.readTree(tokenizer);
    JsonNode model = root.path("model");
    Map<String, String> kept = new HashMap<>(names);
    // Bytes that no token has are written by these; they cannot have another name.
    kept.keySet().removeIf(token -> token.matches("<0x[0-9A-Fa-f]{2}>"));
    ArrayNode added = JSON.createArrayNode();
    for (JsonNode token : root.path("added_tokens")) {
      String content = token.path("content").asText();
      if (kept.containsKey(content)) {
        added.add(((ObjectNode) token).put("content", kept.get(content)));
      } else if (!names.containsKey(content)) {
        added.add(token);
      }
    }
    root.set("added_tokens", added);
    if (model instanceof ObjectNode object) {
      renameVocabulary(object, kept);
    }
    return JSON.writeValueAsBytes(root);
  }

  private static void renameVocabulary(ObjectNode model, Map<String, String> names) {
    JsonNode vocabulary = model.path("vocab");
    if (vocabulary instanceof ObjectNode ids) {
      names.forEach(
          (old, name) -> {
            JsonNode id = ids.remove(old);
            if (id != null) {
              ids.set(name, id);
            }
          });
    }
    for (JsonNode piece : vocabulary) {
      if (piece instanceof ArrayNode pair && names.containsKey(pair.path(0).asText())) {
        pair.set(0, names.get(pair.path(0).asText()));
      }
    }
    String unknown = model.path("unk_token").asText();
    if (names.containsKey(unknown)) {
      model.put("unk_token", names.get(unknown));
    }
    if (model.path("merges") instanceof ArrayNode merges) {
      ArrayNode kept = JSON.createArrayNode();
      for (JsonNode merge : merges) {
        String joined =
            merge.isTextual()
                ? merge.asText().replaceFirst(" ", "")
                : merge.path(0).asText() + merge.path(1).asText();
        if (!names.containsKey(joined)) {
          kept.add(merge);
        }
      }
      model.set("merges", kept);
    }
  }
}
