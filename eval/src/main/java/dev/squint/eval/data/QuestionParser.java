package dev.squint.eval.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.vision.io.DataUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns an object of Squint's own data format into a question. Unknown keys and values of another
 * type are refused, so that a typing error never leaves a question without its picture.
 *
 * @param inline receives the pictures of data URLs
 */
record QuestionParser(EncodedPictures inline) {

  /** All keys; docs/evaluation.md describes them. */
  static final List<String> KEYS =
      List.of(
          "id",
          "image",
          "images",
          "question",
          "answer",
          "answers",
          "kind",
          "unseen",
          "boxes",
          "history");

  /**
   * Parses an object.
   *
   * @param place place of the object in its file, such as "line 3"
   * @param number number of the object, its default id
   * @throws IllegalArgumentException if a key is unknown, missing or has a wrong value
   */
  Question question(ObjectNode object, String place, int number) {
    checkKeys(object, KEYS);
    String text = text(required(object, "question"), "question");
    String id = object.has("id") ? text(object.get("id"), "id") : Integer.toString(number);
    String kind = object.has("kind") ? text(object.get("kind"), "kind") : "all";
    List<String> answers = answers(object);
    return Question.open(id, pictures(object, place), text, answers, kind)
        .about(boxes(object), unseen(object))
        .after(history(object));
  }

  private List<String> pictures(ObjectNode object, String place) {
    boolean single = object.has("image");
    if (single == object.has("images")) {
      throw new IllegalArgumentException(
          single
              ? "there are both 'image' and 'images'; give one of them"
              : "there is no picture; give 'image' or 'images', or \"images\": [] for none");
    }
    String key = single ? "image" : "images";
    List<String> names = texts(object.get(key), key);
    List<String> pictures = new ArrayList<>();
    for (String name : names) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("'%s' has an empty name".formatted(key));
      }
      pictures.add(
          DataUrl.isData(name)
              ? inline.add(
                  "%s, picture %d".formatted(place, pictures.size() + 1), DataUrl.decode(name))
              : name);
    }
    return pictures;
  }

  private static List<String> answers(ObjectNode object) {
    boolean single = object.has("answer");
    if (single == object.has("answers")) {
      throw new IllegalArgumentException(
          single
              ? "there are both 'answer' and 'answers'; give one of them"
              : "there are 0 answers; give 'answer' or 'answers'");
    }
    return single
        ? List.of(text(object.get("answer"), "answer"))
        : texts(object.get("answers"), "answers");
  }

  private static boolean unseen(ObjectNode object) {
    JsonNode unseen = object.path("unseen");
    if (!unseen.isMissingNode() && !unseen.isBoolean()) {
      throw wrong("unseen", "true or false", unseen);
    }
    return unseen.asBoolean(false);
  }

  private static List<Box> boxes(ObjectNode object) {
    List<Box> boxes = new ArrayList<>();
    JsonNode list = object.path("boxes");
    if (!list.isMissingNode() && !list.isArray()) {
      throw wrong("boxes", "a list", list);
    }
    for (JsonNode entry : list) {
      if (!(entry instanceof ObjectNode box)) {
        throw wrong("boxes", "a list of objects", entry);
      }
      checkKeys(box, List.of("frame", "box"));
      JsonNode edges = box.path("box");
      if (edges.size() != 4 || !allNumbers(edges)) {
        throw wrong("box", "[left, top, right, bottom]", edges);
      }
      JsonNode frame = box.path("frame");
      if (!frame.isMissingNode() && !frame.isInt()) {
        throw wrong("frame", "the index of a picture", frame);
      }
      boxes.add(
          new Box(
              frame.asInt(0),
              edges.get(0).asDouble(),
              edges.get(1).asDouble(),
              edges.get(2).asDouble(),
              edges.get(3).asDouble()));
    }
    return boxes;
  }

  private static List<Question.Turn> history(ObjectNode object) {
    List<Question.Turn> turns = new ArrayList<>();
    JsonNode list = object.path("history");
    if (!list.isMissingNode() && !list.isArray()) {
      throw wrong("history", "a list", list);
    }
    for (JsonNode entry : list) {
      if (!(entry instanceof ObjectNode turn)) {
        throw wrong("history", "a list of objects", entry);
      }
      checkKeys(turn, List.of("question", "answer"));
      turns.add(
          new Question.Turn(
              text(required(turn, "question"), "question"),
              text(required(turn, "answer"), "answer")));
    }
    return turns;
  }

  private static boolean allNumbers(JsonNode list) {
    for (JsonNode element : list) {
      if (!element.isNumber()) {
        return false;
      }
    }
    return true;
  }

  private static void checkKeys(ObjectNode object, List<String> known) {
    Set<String> unknown = new TreeSet<>();
    object.fieldNames().forEachRemaining(unknown::add);
    known.forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown key '%s'; the keys are %s"
              .formatted(String.join("', '", unknown), String.join(", ", known)));
    }
  }

  private static JsonNode required(ObjectNode object, String key) {
    JsonNode value = object.get(key);
    if (value == null) {
      throw new IllegalArgumentException("there is no '%s'".formatted(key));
    }
    return value;
  }

  private static List<String> texts(JsonNode value, String key) {
    if (!value.isArray()) {
      return List.of(text(value, key));
    }
    List<String> texts = new ArrayList<>();
    value.forEach(element -> texts.add(text(element, key)));
    return texts;
  }

  private static String text(JsonNode value, String key) {
    if (!value.isTextual() && !value.isNumber()) {
      throw wrong(key, "a text", value);
    }
    return value.asText();
  }

  private static IllegalArgumentException wrong(String key, String expected, JsonNode value) {
    return new IllegalArgumentException(
        "'%s' must be %s but is %s".formatted(key, expected, shortened(value.toString())));
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
