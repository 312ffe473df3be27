package dev.squint.llm.decoder.stage;

import java.util.ArrayList;
import java.util.List;

/**
 * A run of layers on a prompt.
 *
 * @param firstLayer the first layer, from 0
 * @param endLayer the layer after the last
 * @param tokens tokens that the layers attend to, text and visual ones; those that an earlier
 *     prompt left in the cache count, though the layers did not run on them again
 */
public record StageRun(int firstLayer, int endLayer, int tokens) {

  /** Joins runs of consecutive layers on the same number of tokens. */
  public static List<StageRun> joined(List<StageRun> runs) {
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
