package dev.squint.eval.metric;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * POPE's figures (arXiv 2305.10355): accuracy; precision, recall and F1 of yes; and the share of
 * yes among the answers. An answer that is neither yes nor no counts for neither. lmms-eval's
 * {@code pope_yes_ratio} counts the right answers instead; it is reported as {@code
 * yes_ratio_of_truth}.
 *
 * @param reading rule that extracts yes or no
 * @param recallOfParsed whether recall leaves out answers that are neither, as lmms-eval's does
 */
record YesNoFigures(YesNo reading, boolean recallOfParsed) implements MeanOfScores {

  /** Recall counts such answers as missed. */
  YesNoFigures(YesNo reading) {
    this(reading, false);
  }

  @Override
  public Map<String, Double> further(List<Graded> answers) {
    double said = 0;
    double truly = 0;
    double hit = 0;
    double wanted = 0;
    for (Graded answer : answers) {
      boolean yes = answer.score().parsed() && Boolean.TRUE.equals(reading.read(answer.answer()));
      boolean right = answer.question().answers().get(0).strip().equalsIgnoreCase("yes");
      said += yes ? 1 : 0;
      truly += right ? 1 : 0;
      hit += yes && right ? 1 : 0;
      wanted += right && (answer.score().parsed() || !recallOfParsed) ? 1 : 0;
    }
    double precision = said == 0 ? 0 : hit / said;
    double recall = wanted == 0 ? 0 : hit / wanted;
    Map<String, Double> figures = new TreeMap<>();
    figures.put("precision", precision);
    figures.put("recall", recall);
    figures.put("f1", hit == 0 ? 0 : 2 * precision * recall / (precision + recall));
    figures.put("yes_ratio", said / answers.size());
    figures.put("yes_ratio_of_truth", truly / answers.size());
    return figures;
  }
}
