package dev.squint.llm.decoder;

import java.util.ArrayList;
import java.util.List;

/**
 * A run of layers on a prompt.
 *
 * @param firstLayer the first layer, from 0
 * @param endLayer the layer after the last
 * @param tokens tokens that the layers were given, text and visual ones; those whose keys and
 *     values an earlier prompt left are among them, though the layers did not run on them again
 */
public record StageRun(int firstLayer, int endLayer, int tokens) {

  /** Runs of which one goes on where another ended, on as many tokens, as one. */
  static List<StageRun> joined(List<StageRun> runs) {
    List<StageRun> joined = new ArrayList<>();
    for (StageRun run : runs) {
      int last = joined.size() - 1;
      if (last >= 0
          && joined.get(last).endLayer == run.firstLayer
          && joined.get(last).tokens == run.tokens) {
        joined.set(last, new StageRun(joined.get(last).firstLayer, run.endLayer, run.tokens));
      } else {
        joined.add(run);
      }
    }
    return List.copyOf(joined);
  }
}
