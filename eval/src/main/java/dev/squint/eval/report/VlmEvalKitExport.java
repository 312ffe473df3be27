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

/**
 * Writes a run in VLMEvalKit's format: {@code MODEL/MODEL_DATASET.tsv}, the predictions that its
 * {@code run.py --mode eval} scores with {@code PRED_FORMAT=tsv}, and {@code
 * MODEL/MODEL_DATASET_acc.csv} or {@code _score.csv} with the figures, as it writes them.
 *
 * @param folder output folder
 * @param model name of the model
 */
record VlmEvalKitExport(Path folder, String model) {

  /** What VLMEvalKit writes for a question without an answer. */
  private static final String FAILED = "Failed to obtain answer via API.";

  /** Writes the files of one plan and returns the files with the predictions. */
  List<Path> write(List<RunAnswers> sets, List<Figures> figures) {
    String name = RunAnswers.modelName(model, sets.get(0).plan());
    Path target = folder.resolve(name);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      String base = "%s_%s".formatted(name, sets.get(i).name(Task.HarnessNames::vlmevalkit));
      Path predictions = target.resolve(base + ".tsv");
      JsonFiles.writeText(predictions, table(predictions(sets.get(i)), '\t'));
      VlmEvalKitFigures scores = VlmEvalKitFigures.of(sets.get(i), figures.get(i));
      JsonFiles.writeText(
          target.resolve(base + scores.suffix() + ".csv"), table(List.of(scores.row()), ','));
      files.add(predictions);
    }
    return files;
  }

  private static List<Map<String, String>> predictions(RunAnswers set) {
    int options = set.questions().stream().mapToInt(one -> one.options().size()).max().orElse(0);
    boolean numbers = set.questions().stream().allMatch(one -> one.id().matches("[0-9]{1,18}"));
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
      List<String> answers = answers(set, question);
      row.put("answer", answers.size() == 1 ? answers.get(0) : PythonText.list(answers));
      row.put("category", question.kind());
      row.put("image_path", question.pictures().isEmpty() ? "" : question.pictures().get(0));
      row.put("prediction", answer.error() == null ? answer.answer() : FAILED);
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
