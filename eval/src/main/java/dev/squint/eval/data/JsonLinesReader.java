package dev.squint.eval.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 * <p>docs/evaluation.md describes the keys. Several images are the frames of a clip, in order.
 */
public final class JsonLinesReader {

  /** The file that identifies such a folder. */
  public static final String FILE = "questions.jsonl";

  /** A repeated key or a second value on a line is an error; numbers keep the digits they have. */
  static final ObjectMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Tables.LONGEST_CELL).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private JsonLinesReader() {}

  /**
   * Reads {@code questions.jsonl} of a folder.
   *
   * @throws IllegalArgumentException if a line has another form; the message names the line
   */
  public static DataSet read(String name, Path folder) {
    return read(name, folder, FILE);
  }

  static DataSet read(String name, Path folder, String file) {
    EncodedPictures inline = new EncodedPictures();
    QuestionParser parser = new QuestionParser(inline);
    List<String> lines;
    try {
      lines = TextFiles.lines(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s of '%s' cannot be read: %s".formatted(file, name, e.getMessage()), e);
    }
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        String place = "line %d".formatted(i + 1);
        try {
          questions.add(parser.question(object(lines.get(i)), place, i + 1));
        } catch (JsonProcessingException | IllegalArgumentException e) {
          String reason =
              e instanceof JsonProcessingException json
                  ? json.getOriginalMessage()
                  : e.getMessage();
          throw new IllegalArgumentException(
              "%s of %s of '%s': %s".formatted(place, file, name, reason), e);
        }
      }
    }
    FolderPictures files = new FolderPictures(folder);
    return new DataSet(name, new FolderAndInlinePictures(inline, files), questions);
  }

  private static ObjectNode object(String line) throws JsonProcessingException {
    JsonNode node = STRICT.readTree(line);
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException("a line must be one JSON object");
  }
}
