package dev.squint.eval.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * JSON form of a line of {@code answers.jsonl}, with the names in docs/answer.md. It writes the
 * names of older versions too, and reads either.
 */
final class AnswerLineJson {

  private static final String TEXT = "text";
  private static final String ANSWER = "answer";
  private static final String VISUAL = "visual_tokens";
  private static final String TILES = "tiles";
  private static final String ENCODED = "encoded";
  private static final String WORK = "encoder_work";
  private static final String KEPT = "kept_tokens";
  private static final String TIMINGS = "timings_ms";
  private static final String MS = "ms";
  private static final String FIRST_TOKEN = "first_token";
  private static final String TTFT = "ttft";

  private AnswerLineJson() {}

  static String write(AnswerLine line) throws JsonProcessingException {
    ObjectNode older = JsonFiles.MAPPER.valueToTree(line);
    ObjectNode node = JsonFiles.MAPPER.createObjectNode();
    older
        .properties()
        .forEach(
            field -> {
              switch (field.getKey()) {
                case ANSWER -> node.set(TEXT, field.getValue());
                case VISUAL -> node.set(VISUAL, visual(line));
                case ENCODED -> tiles(node, line);
                case KEPT -> {}
                case MS ->
                    node.set(TIMINGS, renamed((ObjectNode) field.getValue(), TTFT, FIRST_TOKEN));
                default -> node.set(field.getKey(), field.getValue());
              }
            });
    if (line.error() == null) {
      node.remove("error");
    }
    // Names of older versions, kept for one version.
    node.set(ANSWER, older.get(ANSWER));
    node.set(KEPT, older.get(KEPT));
    node.set(MS, older.get(MS));
    return JsonFiles.MAPPER.writeValueAsString(node);
  }

  private static ObjectNode visual(AnswerLine line) {
    ObjectNode tokens = JsonFiles.MAPPER.createObjectNode().put("total", line.visualTokens());
    AnswerLine.Encoded encoded = line.encoded();
    if (encoded != null) {
      tokens.put(ENCODED, encoded.tokens());
    }
    return tokens.put("kept", line.keptTokens());
  }

  private static void tiles(ObjectNode node, AnswerLine line) {
    AnswerLine.Encoded encoded = line.encoded();
    if (encoded != null) {
      node.putObject(TILES).put(ENCODED, encoded.tiles());
      if (encoded.work() != null) {
        node.set(WORK, JsonFiles.MAPPER.valueToTree(encoded.work()));
      }
    }
  }

  static AnswerLine read(String text) throws JsonProcessingException {
    return read(JsonFiles.MAPPER.readTree(text));
  }

  /** Reads a line; the node is changed. */
  static AnswerLine read(JsonNode line) throws JsonProcessingException {
    if (line instanceof ObjectNode node) {
      if (node.has(TEXT)) {
        node.set(ANSWER, node.remove(TEXT));
      }
      JsonNode work = node.remove(WORK);
      if (node.get(VISUAL) instanceof ObjectNode tokens) {
        if (node.remove(TILES) instanceof ObjectNode tiles && tokens.has(ENCODED)) {
          ObjectNode encoded = node.putObject(ENCODED);
          encoded.set("tiles", tiles.get(ENCODED));
          encoded.set("tokens", tokens.get(ENCODED));
          encoded.set("work", work);
        }
        node.set(VISUAL, tokens.get("total"));
        node.set(KEPT, tokens.get("kept"));
      }
      if (node.remove(TIMINGS) instanceof ObjectNode timings) {
        node.set(MS, renamed(timings, FIRST_TOKEN, TTFT));
      }
    }
    return JsonFiles.MAPPER.treeToValue(line, AnswerLine.class);
  }

  private static ObjectNode renamed(ObjectNode node, String from, String to) {
    ObjectNode copy = node.objectNode();
    node.properties()
        .forEach(
            field -> copy.set(field.getKey().equals(from) ? to : field.getKey(), field.getValue()));
    return copy;
  }
}
