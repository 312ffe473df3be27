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
import java.util.Map;

/**
 * Writes a run in VLMEvalKit's format: {@code MODEL/MODEL_DATASET.tsv}, the predictions that its
 * {@code run.py --mode eval} scores with {@code PRED_FORMAT=tsv}, and {@code
 * MODEL/MODEL_DATASET_acc.csv} with the figures.
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
      JsonFiles.writeText(
          target.resolve(base + "_acc.csv"), table(List.of(accuracies(figures.get(i))), ','));
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
      List<String> answers = question.answers();
      row.put("answer", answers.size() == 1 ? answers.get(0) : PythonText.list(answers));
      row.put("category", question.kind());
      row.put("image_path", question.pictures().isEmpty() ? "" : question.pictures().get(0));
      row.put("prediction", answer.error() == null ? answer.answer() : FAILED);
      rows.add(row);
    }
    return rows;
  }

  private static Map<String, String> accuracies(Figures figures) {
    Map<String, String> row = new LinkedHashMap<>();
    row.put("split", "none");
    Double harness = figures.harnesses().get("vlmevalkit");
    row.put("Overall", Double.toString(harness == null ? figures.accuracy().value() : harness));
    figures
        .kinds()
        .forEach((kind, part) -> row.put(kind, Double.toString(part.accuracy().value())));
    return row;
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
