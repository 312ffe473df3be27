package dev.squint.eval.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads Squint's own data format as a table, {@code questions.csv} or {@code questions.tsv}: a
 * header with the keys of {@code questions.jsonl}, and a question per row. Cells of {@code images},
 * {@code answers}, {@code boxes} and {@code history} may be JSON lists. An empty cell is a missing
 * key.
 */
final class QuestionTableReader {

  private static final Set<String> LISTS = Set.of("images", "answers", "boxes", "history");

  private QuestionTableReader() {}

  /**
   * Reads a table of a folder.
   *
   * @param separator comma or tab
   * @throws IllegalArgumentException if the header or a row has another form; the message names the
   *     row, 1 for the header
   */
  static DataSet read(String name, Path folder, String file, char separator) {
    EncodedPictures inline = new EncodedPictures();
    QuestionParser parser = new QuestionParser(inline);
    List<Question> questions = new ArrayList<>();
    // The row that is being read.
    int number = 1;
    try (BufferedReader text = TextFiles.open(folder.resolve(file));
        MappingIterator<String[]> rows =
            Tables.CSV
                .readerFor(String[].class)
                .with(CsvParser.Feature.WRAP_AS_ARRAY)
                .with(CsvParser.Feature.SKIP_EMPTY_LINES)
                .with(CsvSchema.emptySchema().withColumnSeparator(separator))
                .readValues(text)) {
      List<String> header = List.of();
      for (; rows.hasNextValue(); number++) {
        String[] cells = rows.nextValue();
        if (number == 1) {
          header = header(cells);
        } else {
          String place = "row %d".formatted(number);
          questions.add(parser.question(object(header, cells), place, number - 1));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw refusal(e, name, file, number);
    }
    FolderPictures files = new FolderPictures(folder);
    return new DataSet(name, new FolderAndInlinePictures(inline, files), questions);
  }

  /** Jackson wraps errors of the text behind the first rows in its own. */
  private static RuntimeException refusal(Exception e, String name, String file, int row) {
    if (e instanceof CharacterCodingException || e.getCause() instanceof CharacterCodingException) {
      return new UncheckedIOException(
          "%s of '%s' cannot be read: the text is not UTF-8; save it as UTF-8"
              .formatted(file, name),
          e instanceof IOException io ? io : new IOException(e));
    }
    if (e instanceof IOException io && !(e instanceof JsonProcessingException)) {
      return new UncheckedIOException(
          "%s of '%s' cannot be read: %s".formatted(file, name, e.getMessage()), io);
    }
    String reason =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return new IllegalArgumentException(
        "row %d of %s of '%s': %s".formatted(row, file, name, reason), e);
  }

  private static List<String> header(String[] cells) {
    List<String> header = new ArrayList<>();
    for (String cell : cells) {
      String key = cell.strip();
      if (!QuestionParser.KEYS.contains(key) || header.contains(key)) {
        throw new IllegalArgumentException(
            "%s column '%s'; the columns are %s"
                .formatted(
                    header.contains(key) ? "repeated" : "unknown",
                    key,
                    String.join(", ", QuestionParser.KEYS)));
      }
      header.add(key);
    }
    return header;
  }

  private static ObjectNode object(List<String> header, String[] cells)
      throws JsonProcessingException {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          "there are %d cells but %d columns".formatted(cells.length, header.size()));
    }
    ObjectNode object = JsonLinesReader.STRICT.createObjectNode();
    for (int i = 0; i < cells.length; i++) {
      if (!cells[i].isEmpty()) {
        object.set(header.get(i), value(header.get(i), cells[i]));
      }
    }
    return object;
  }

  private static JsonNode value(String key, String cell) throws JsonProcessingException {
    boolean list = LISTS.contains(key) && cell.stripLeading().startsWith("[");
    boolean truth = key.equals("unseen") && cell.strip().matches("(?i)true|false");
    if (list) {
      return JsonLinesReader.STRICT.readTree(cell);
    }
    return truth
        ? JsonLinesReader.STRICT.getNodeFactory().booleanNode(Boolean.parseBoolean(cell.strip()))
        : JsonLinesReader.STRICT.getNodeFactory().textNode(cell);
  }
}
