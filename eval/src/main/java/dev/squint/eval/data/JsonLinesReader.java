package dev.squint.eval.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads Squint's own data format: a folder with pictures and {@code questions.jsonl}, one JSON
 * object per line.
 *
 * <pre>
 * {"id": "7-0", "images": ["images/7.png"], "question": "What color is the star?", "answer": "red",
 * "kind": "color", "unseen": false, "boxes": [{"frame": 0, "box": [12, 30, 28, 46]}]}
 * </pre>
 *
 * <p>Several images are the frames of a clip, in order. {@code answers}, a list, replaces {@code
 * answer} if several answers are right. {@code id}, {@code kind}, {@code unseen} and {@code boxes}
 * are optional.
 */
public final class JsonLinesReader {

  /** The file that identifies such a folder. */
  public static final String FILE = "questions.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonLinesReader() {}

  /**
   * Reads {@code questions.jsonl} of a folder.
   *
   * @throws IllegalArgumentException if a line has another form; the message names the line
   */
  public static DataSet read(String name, Path folder) {
    List<String> lines;
    try {
      lines = Files.readAllLines(folder.resolve(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException("%s of '%s' cannot be read".formatted(FILE, name), e);
    }
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        try {
          questions.add(question(JSON.readTree(lines.get(i)), i + 1));
        } catch (JsonProcessingException | IllegalArgumentException e) {
          String reason =
              e instanceof JsonProcessingException json
                  ? json.getOriginalMessage()
                  : e.getMessage();
          throw new IllegalArgumentException(
              "line %d of %s of '%s': %s".formatted(i + 1, FILE, name, reason), e);
        }
      }
    }
    return new DataSet(name, new FolderPictures(folder), questions);
  }

  private static Question question(JsonNode line, int number) {
    List<String> answers = texts(line.path("answers"));
    if (answers.isEmpty() && line.hasNonNull("answer")) {
      answers = List.of(line.path("answer").asText());
    }
    return Question.open(
            line.path("id").asText(Integer.toString(number)),
            texts(line.path("images")),
            line.path("question").asText(),
            answers,
            line.path("kind").asText("all"))
        .about(boxes(line.path("boxes")), line.path("unseen").asBoolean(false));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static List<Box> boxes(JsonNode array) {
    List<Box> boxes = new ArrayList<>();
    for (JsonNode entry : array) {
      JsonNode box = entry.path("box");
      if (box.size() != 4) {
        throw new IllegalArgumentException(
            "a box is [left, top, right, bottom] but was %s".formatted(box));
      }
      boxes.add(
          new Box(
              entry.path("frame").asInt(),
              box.get(0).asDouble(),
              box.get(1).asDouble(),
              box.get(2).asDouble(),
              box.get(3).asDouble()));
    }
    return boxes;
  }
}
