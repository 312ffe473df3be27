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
 * A benchmark as declared in its YAML file.
 *
 * @param name name on the command line
 * @param title name of the benchmark
 * @param format format of its files
 * @param splits splits by name; the first is the default
 * @param fields where the parts of a question are in a row
 * @param prompt template of the prompt, with {question}, {hint} and {options}
 * @param maxTokens maximum length of an answer
 * @param frames number of frames of a video to show; 0 for pictures
 * @param official the benchmark's own scoring
 * @param harnesses differing scoring of harnesses, by name
 * @param get where to download the data and where to put it
 * @param tried data that the reader was tested with: official files, or hand-made files in the
 *     documented format
 * @param source where the names of the files and fields are documented
 * @param hub the form in which the benchmark is on the Hugging Face Hub, or null
 * @param names names of the benchmark in other harnesses, or null
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
    String tried,
    String source,
    @Nullable Layout hub,
    @Nullable HarnessNames names) {

  /** Sets the defaults. */
  public Task {
    splits = splits == null ? new LinkedHashMap<>() : splits;
    harnesses = harnesses == null ? new LinkedHashMap<>() : harnesses;
    prompt = prompt == null ? "{question}" : prompt;
    maxTokens = maxTokens == 0 ? 16 : maxTokens;
  }

  /** Format of the files. */
  public enum Format {
    /** Squint's own {@code questions.jsonl}. */
    OWN,
    /** easy-VQA's test split. */
    EASY_VQA,
    /** One JSON document. */
    JSON,
    /** One JSON object per line. */
    JSON_LINES,
    /** Comma-separated values with a header. */
    CSV,
    /** VLMEvalKit's table: tab-separated values, pictures in base64. */
    TSV,
    /** Hugging Face's Parquet columns, including pictures. */
    PARQUET,
    /** A folder per subtask, and a text file with two questions per picture. */
    MME,
    /** A JSON file per picture, with the questions as keys. */
    AI2D,
    /** JSON lines with six pictures each. */
    NLVR,
    /** A query per line, and all pictures in a NumPy file. */
    SHAPES
  }

  /**
   * The files of a split.
   *
   * @param files files with the questions; names may contain {@code *}, alternatives are separated
   *     by {@code |}
   * @param at path of the array or object with the rows in the document; empty for the root
   * @param join file with the answers, or null
   * @param only values that fields of this split must have; "*" for any value
   */
  public record Split(
      List<String> files, String at, @Nullable Join join, LinkedHashMap<String, String> only) {
    /** Sets the defaults. */
    public Split {
      only = only == null ? new LinkedHashMap<>() : only;
      files = List.copyOf(files);
      at = at == null ? "" : at;
    }
  }

  /**
   * A second file with more fields of the same rows.
   *
   * @param file the second file
   * @param at path of the array or object with its rows; empty for the root
   * @param on field of the first file that identifies a row
   * @param key the same field of the second file, by default with the same name; or the keys of its
   *     object
   */
  public record Join(String file, String at, String on, String key) {
    /** Sets the defaults. */
    public Join {
      key = key == null ? on : key;
      at = at == null ? "" : at;
    }
  }

  /**
   * A scoring rule.
   *
   * @param scorer a name from {@link Scorers}
   * @param aggregate a name from {@link Aggregates}
   */
  public record Counting(String scorer, String aggregate) {
    /** Sets the defaults. */
    public Counting {
      aggregate = aggregate == null ? "mean" : aggregate;
    }
  }

  /**
   * Names of a benchmark in harnesses.
   *
   * @param lmmsEval name of the default split in lmms-eval, or null
   * @param lmmsMetric name of its main figure in lmms-eval; null for {@code exact_match}
   * @param lmmsScale what lmms-eval multiplies the main figure by; 100 for per cent
   * @param lmmsFigures names of further figures there, by the name of ours or the kind of question
   * @param vlmevalkit name of the default split in VLMEvalKit; null if there is none, or if its
   *     questions have other numbers there
   * @param vlmevalkitSplit what its tables call the default split, or null
   * @param splits names of other splits
   */
  public record HarnessNames(
      @Nullable String lmmsEval,
      @Nullable String lmmsMetric,
      double lmmsScale,
      LinkedHashMap<String, String> lmmsFigures,
      @Nullable String vlmevalkit,
      @Nullable String vlmevalkitSplit,
      LinkedHashMap<String, SplitNames> splits) {
    /** Sets the defaults. */
    public HarnessNames {
      lmmsScale = lmmsScale == 0 ? 1 : lmmsScale;
      lmmsFigures = lmmsFigures == null ? new LinkedHashMap<>() : lmmsFigures;
      splits = splits == null ? new LinkedHashMap<>() : splits;
    }

    /** Returns the names of a split, empty for the default one; null if it has none. */
    public @Nullable SplitNames of(String split) {
      return split.isEmpty() ? new SplitNames(lmmsEval, vlmevalkit) : splits.get(split);
    }
  }

  /**
   * Names of a split in harnesses.
   *
   * @param lmmsEval name in lmms-eval, or null
   * @param vlmevalkit name in VLMEvalKit, or null
   */
  public record SplitNames(@Nullable String lmmsEval, @Nullable String vlmevalkit) {}

  /**
   * Returns the name of the data set of a split: the task's, and the split if it is not the first.
   */
  public String setName(String split) {
    boolean first =
        split.isEmpty() || splits.isEmpty() || splits.keySet().iterator().next().equals(split);
    return first ? name : name + "-" + split;
  }

  /** Returns the forms of distribution, the official download first. */
  public List<Layout> layouts() {
    Layout official = new Layout(null, format, splits, fields);
    return hub == null ? List.of(official) : List.of(official, hub);
  }

  /** Returns the benchmark's own scoring, then the scoring of harnesses. */
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
