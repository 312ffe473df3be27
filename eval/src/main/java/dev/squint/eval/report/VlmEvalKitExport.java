package dev.squint.eval.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.squint.eval.data.Question;
import dev.squint.eval.data.Tables;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.task.Task;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run in VLMEvalKit's format: {@code MODEL/MODEL_DATASET.tsv}, the predictions that its
 * {@code run.py --mode eval} scores with {@code PRED_FORMAT=tsv}, and {@code
 * MODEL/MODEL_DATASET_acc.csv} or {@code _score.csv} with the figures, as it writes them.
 *
 * <p>It looks up the right letter in its own table, by the number of the question. Questions with
 * options whose numbers are not those of its table get a data set of their own, {@code
 * LMUData/Squint_SET.tsv}.
 *
 * @param folder output folder
 * @param model name of the model
 */
record VlmEvalKitExport(Path folder, String model) {

  /** What VLMEvalKit writes for a question without an answer. */
  private static final String FAILED = "Failed to obtain answer via API.";

  private static final String PREDICTION = "prediction";

  /**
   * Writes the files of one plan and returns the files with the predictions.
   *
   * @throws IllegalArgumentException if the format cannot express a data set; the message says why
   *     and what to do instead
   */
  List<Path> write(List<RunAnswers> sets, List<Figures> figures) {
    sets.forEach(VlmEvalKitExport::checkExpressible);
    String name = RunAnswers.modelName(model, sets.get(0).plan());
    Path target = folder.resolve(name);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      RunAnswers set = sets.get(i);
      @Nullable String known = set.nameOrNull(Task.SplitNames::vlmevalkit);
      boolean own = known == null && set.isChoice();
      String dataSet = own ? ownName(set) : set.name(Task.SplitNames::vlmevalkit);
      String base = "%s_%s".formatted(name, dataSet);
      Path predictions = target.resolve(base + ".tsv");
      List<Map<String, String>> rows = predictions(set);
      JsonFiles.writeText(predictions, table(rows, '\t'));
      VlmEvalKitFigures scores = VlmEvalKitFigures.of(set, figures.get(i));
      JsonFiles.writeText(
          target.resolve(base + scores.suffix() + ".csv"), table(List.of(scores.row()), ','));
      if (own) {
        rows.forEach(row -> row.remove(PREDICTION));
        JsonFiles.writeText(folder.resolve("LMUData").resolve(dataSet + ".tsv"), table(rows, '\t'));
      }
      files.add(predictions);
    }
    return files;
  }

  private static void checkExpressible(RunAnswers set) {
    String name = set.data().set().name();
    if (set.data().task().frames() > 0) {
      throw new IllegalArgumentException(
          "'%s' cannot be exported for VLMEvalKit, which scores clips by columns that a run does not have (lengths and kinds of clips); use --format lmms-eval"
              .formatted(name));
    }
    boolean withoutOptions = set.questions().stream().allMatch(one -> one.options().isEmpty());
    if (set.isChoice() && withoutOptions) {
      throw new IllegalArgumentException(
          "'%s' cannot be exported for VLMEvalKit, which needs the options of a question apart, and here they are in its text; run it on VLMEvalKit's table (%s), or use --format lmms-eval"
              .formatted(name, set.data().task().get().strip()));
    }
  }

  /** Upper case, because VLMEvalKit scores by parts of the name, such as MMMU. */
  private static String ownName(RunAnswers set) {
    return "Squint_" + set.data().set().name().toUpperCase(Locale.ROOT);
  }

  private static List<Map<String, String>> predictions(RunAnswers set) {
    int options = set.questions().stream().mapToInt(one -> one.options().size()).max().orElse(0);
    boolean numbers = set.questions().stream().allMatch(one -> one.id().matches("[0-9]{1,18}"));
    Task.HarnessNames names = set.data().task().names();
    @Nullable String split = names == null ? null : names.vlmevalkitSplit();
    List<Map<String, String>> rows = new ArrayList<>();
    for (int i = 0; i < set.questions().size(); i++) {
      Question question = set.questions().get(i);
      AnswerLine answer = set.answers().get(i);
      Map<String, String> row = new LinkedHashMap<>();
      row.put("index", numbers ? question.id() : Integer.toString(i));
      row.put("id", question.id());
      row.put("question", question.text());
      row.put("hint", question.hint());
      for (int option = 0; option < options; option++) {
        boolean has = option < question.options().size();
        row.put(Question.letter(option), has ? question.options().get(option) : "");
      }
      row.put("answer", PythonText.oneOrList(answers(set, question)));
      row.put("category", question.kind());
      if (split != null) {
        row.put("split", split);
      }
      List<String> pictures = question.pictures();
      row.put("image_path", pictures.isEmpty() ? "" : PythonText.oneOrList(pictures));
      row.put(PREDICTION, answer.error() == null ? answer.answer() : FAILED);
      rows.add(row);
    }
    return rows;
  }

  /** For yes or no, its tables and its comparison have capitals. */
  private static List<String> answers(RunAnswers set, Question question) {
    return VlmEvalKitFigures.isYesNo(set)
        ? question.answers().stream().map(VlmEvalKitExport::capitalised).toList()
        : question.answers();
  }

  private static String capitalised(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    return lower.substring(0, 1).toUpperCase(Locale.ROOT) + lower.substring(1);
  }

  private static String table(List<Map<String, String>> rows, char separator) {
    CsvSchema.Builder schema = CsvSchema.builder();
    rows.get(0).keySet().forEach(schema::addColumn);
    try {
      return Tables.CSV
          .writer(schema.build().withHeader().withColumnSeparator(separator))
          .writeValueAsString(rows);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
