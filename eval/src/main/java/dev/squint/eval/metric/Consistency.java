package dev.squint.eval.metric;

import java.util.List;
import java.util.Map;

/**
 * NLVR's figures (Suhr et al., ACL 2017): the share of right answers, and the share of sentences
 * all of whose pictures have right answers.
 */
final class Consistency implements MeanOfScores {

  @Override
  public Map<String, Double> further(List<Graded> answers) {
    return Map.of("consistency", new Groups().of(answers));
  }
}
