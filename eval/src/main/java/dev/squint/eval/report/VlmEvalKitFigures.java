package dev.squint.eval.report;

import dev.squint.eval.metric.Graded;
import dev.squint.eval.metric.Grading;
import dev.squint.eval.task.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The figures of a benchmark as VLMEvalKit writes them: multiple choice as shares, open answers in
 * per cent, yes or no with precision and recall, MME in points.
 *
 * @param suffix end of the file's name
 * @param row columns and values
 */
record VlmEvalKitFigures(String suffix, Map<String, String> row) {

  private static final String HARNESS = "vlmevalkit";
  private static final String MME = "mme";
  private static final double PERCENT = 100;
  private static final double MME_POINTS = 200;

  static boolean isYesNo(RunAnswers set) {
    return set.data().task().official().scorer().startsWith("yes-no");
  }

  static VlmEvalKitFigures of(RunAnswers set, Figures figures) {
    Grading grading = set.grading(HARNESS);
    List<Graded> graded = set.graded(grading);
    if (set.data().task().official().aggregate().equals(MME)) {
      return new VlmEvalKitFigures("_score", mme(grading, graded));
    }
    if (isYesNo(set)) {
      return new VlmEvalKitFigures("_score", yesNo(grading, graded));
    }
    boolean choices = set.questions().stream().anyMatch(one -> !one.options().isEmpty());
    Map<String, String> row = new LinkedHashMap<>();
    if (choices) {
      Task.HarnessNames names = set.data().task().names();
      String split = names == null ? null : names.vlmevalkitSplit();
      row.put("split", split == null ? "none" : split);
    }
    double scale = choices ? 1 : PERCENT;
    put(row, "Overall", scale * grading.aggregate().of(graded));
    figures
        .kinds()
        .keySet()
        .forEach(kind -> put(row, kind, scale * grading.aggregate().of(ofKind(graded, kind))));
    return new VlmEvalKitFigures("_acc", row);
  }

  private static Map<String, String> mme(Grading grading, List<Graded> graded) {
    Map<String, Double> further = grading.aggregate().further(graded);
    Map<String, String> row = new LinkedHashMap<>();
    put(row, "perception", further.getOrDefault("perception_points", 0.0));
    put(row, "reasoning", further.getOrDefault("cognition_points", 0.0));
    for (String kind : kinds(graded)) {
      put(row, kind, MME_POINTS * grading.aggregate().of(ofKind(graded, kind)));
    }
    return row;
  }

  private static Map<String, String> yesNo(Grading grading, List<Graded> graded) {
    Map<String, Double> further = grading.aggregate().further(graded);
    Map<String, String> row = new LinkedHashMap<>();
    row.put("split", "Overall");
    put(row, "Overall", PERCENT * further.getOrDefault("f1", 0.0));
    put(row, "acc", PERCENT * grading.aggregate().of(graded));
    put(row, "precision", PERCENT * further.getOrDefault("precision", 0.0));
    put(row, "recall", PERCENT * further.getOrDefault("recall", 0.0));
    return row;
  }

  private static void put(Map<String, String> row, String column, double value) {
    row.put(column, Double.toString(value));
  }

  private static TreeSet<String> kinds(List<Graded> graded) {
    TreeSet<String> kinds = new TreeSet<>();
    graded.forEach(each -> kinds.add(each.question().kind()));
    return kinds;
  }

  private static List<Graded> ofKind(List<Graded> graded, String kind) {
    return graded.stream().filter(each -> each.question().kind().equals(kind)).toList();
  }
}
