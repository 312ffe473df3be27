package dev.squint.eval.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads the official test split of easy-VQA (github.com/vzhou842/easy-VQA): {@code
 * test/questions.json} with entries [question, answer, picture number], and {@code
 * test/images/NUMBER.png}.
 */
public final class EasyVqaReader {

  /** The file that identifies such a folder. */
  public static final String FILE = "test/questions.json";

  private static final Set<String> YES_NO = Set.of("yes", "no");
  private static final Set<String> SHAPES = Set.of("circle", "rectangle", "triangle");

  private EasyVqaReader() {}

  /**
   * Reads the test split.
   *
   * @throws IllegalArgumentException if an entry has another form
   */
  public static DataSet read(String name, Path folder) {
    JsonNode entries;
    try (var json = Files.newInputStream(folder.resolve(FILE))) {
      entries = new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException("%s of '%s' cannot be read".formatted(FILE, name), e);
    }
    List<Question> questions = new ArrayList<>();
    for (JsonNode entry : entries) {
      if (entry.size() != 3) {
        throw new IllegalArgumentException(
            "entry %d of %s is not [question, answer, picture number] but %s"
                .formatted(questions.size(), FILE, entry));
      }
      String answer = entry.get(1).asText();
      questions.add(
          Question.open(
              Integer.toString(questions.size()),
              List.of("test/images/%s.png".formatted(entry.get(2).asText())),
              entry.get(0).asText(),
              List.of(answer),
              kind(answer)));
    }
    return new DataSet(name, new FolderPictures(folder), questions);
  }

  // The set does not give kinds; each of its 13 answers belongs to one kind of question.
  private static String kind(String answer) {
    if (YES_NO.contains(answer)) {
      return "yes-no";
    }
    return SHAPES.contains(answer) ? "shape" : "color";
  }
}
