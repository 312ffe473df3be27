package dev.squint.eval.task;

import dev.squint.eval.metric.Aggregates;
import dev.squint.eval.metric.Grading;
import dev.squint.eval.metric.Scorers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A benchmark, as its YAML file declares it.
 *
 * @param name as the command line calls it
 * @param title of the benchmark
 * @param format how its rows are stored
 * @param splits by name; the first is the default
 * @param fields where the parts of a question stand in a row
 * @param prompt what the model is asked, with {question}, {hint} and {options}
 * @param maxTokens longest answer
 * @param frames how many frames of a video are shown; 0 for pictures
 * @param official how the benchmark counts
 * @param harnesses how harnesses count that differ from that, by name
 * @param get where the data come from and what to put where
 * @param tried what the reader was tried on: official files, or files made by hand after the
 *     documented format
 */
public record Task(
    String name,
    String title,
    Format format,
    LinkedHashMap<String, Split> splits,
    Fields fields,
    String prompt,
    int maxTokens,
    int frames,
    Counting official,
    LinkedHashMap<String, Counting> harnesses,
    String get,
    String tried) {

  /** Fills in what a file leaves out. */
  public Task {
    splits = splits == null ? new LinkedHashMap<>() : splits;
    harnesses = harnesses == null ? new LinkedHashMap<>() : harnesses;
    prompt = prompt == null ? "{question}" : prompt;
    maxTokens = maxTokens == 0 ? 16 : maxTokens;
  }

  /** How rows are stored. */
  public enum Format {
    /** Squint's own questions.jsonl. */
    OWN,
    /** easy-VQA's test split. */
    EASY_VQA,
    /** One JSON document. */
    JSON,
    /** One JSON object a line. */
    JSON_LINES,
    /** Comma-separated, with a header. */
    CSV,
    /** VLMEvalKit's table: tab-separated, pictures in base64. */
    TSV,
    /** Hugging Face's columns, pictures among them. */
    PARQUET,
    /** A folder for each subtask with two questions in a text file for each picture. */
    MME,
    /** A JSON file for each picture, with its questions by text. */
    AI2D
  }

  /**
   * The files of a split.
   *
   * @param files with the questions; names may have {@code *} in them
   * @param at the array or object of the rows inside of the document; empty for the root
   * @param join a file with the answers, or null
   */
  public record Split(List<String> files, String at, @Nullable Join join) {
    /** Fills in what a file leaves out. */
    public Split {
      files = List.copyOf(files);
      at = at == null ? "" : at;
    }
  }

  /**
   * A second file whose rows belong to those of the first.
   *
   * @param file the second file
   * @param at the array or object of its rows; empty for the root
   * @param on the field that rows of both have; of an object without such fields, its keys
   */
  public record Join(String file, String at, String on) {
    /** Fills in what a file leaves out. */
    public Join {
      at = at == null ? "" : at;
    }
  }

  /**
   * A way to count.
   *
   * @param scorer one of {@link Scorers}
   * @param aggregate one of {@link Aggregates}
   */
  public record Counting(String scorer, String aggregate) {
    /** Fills in what a file leaves out. */
    public Counting {
      aggregate = aggregate == null ? "mean" : aggregate;
    }
  }

  /** How the benchmark counts, and then how harnesses do. */
  public List<Grading> gradings() {
    List<Grading> gradings = new ArrayList<>();
    gradings.add(grading("official", official));
    for (Map.Entry<String, Counting> harness : harnesses.entrySet()) {
      gradings.add(grading(harness.getKey(), harness.getValue()));
    }
    return gradings;
  }

  private static Grading grading(String name, Counting counting) {
    return new Grading(name, Scorers.get(counting.scorer()), Aggregates.get(counting.aggregate()));
  }
}
