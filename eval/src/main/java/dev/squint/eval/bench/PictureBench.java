package dev.squint.eval.bench;

import dev.squint.llm.Encoding;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.Picture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;

/** Time to the first token: a new picture, a second question about it, some of its tiles. */
final class PictureBench {

  private PictureBench() {}

  /** Compares plans on new pictures, each with a second question about the same picture. */
  static Section measure(VisionLanguageModel model, int edge, List<PruningPlan> plans, int rounds) {
    Map<PruningPlan, Phases> last = new HashMap<>();
    List<Supplier<double[]>> runs = new ArrayList<>();
    int[] seed = {0};
    for (PruningPlan plan : plans) {
      runs.add(
          () -> {
            Picture picture = picture(edge, seed[0]++);
            Phases first = Phases.ask(model, picture, plan);
            Phases second = Phases.ask(model, picture, plan);
            last.put(plan, first);
            return new double[] {
              first.answer().timings().firstTokenMillis(),
              second.answer().timings().firstTokenMillis(),
              first.encode(),
              first.encode() + first.prefill(),
              second.encode() + second.prefill()
            };
          });
    }
    Rounds measured = Rounds.cold(rounds, runs);
    Section section =
        new Section(
            "time to first token",
            "New pictures of %d x %d, and a second question about each; %d rounds; milliseconds, on the wall and of all processors."
                .formatted(edge, edge, rounds));
    for (int i = 0; i < plans.size(); i++) {
      Encoding encoding = Objects.requireNonNull(last.get(plans.get(i))).answer().encoding();
      section.row(
          "plan", plans.get(i).toString(),
          "tiles encoded", "%d of %d".formatted(encoding.encodedTiles(), encoding.tiles()),
          "first token", measured.median(i, 0),
          "ratio", measured.ratio(i, 0, 0),
          "encode and prefill, processors", measured.median(i, 3),
          "ratio of processors", measured.ratio(i, 0, 3),
          "encode, processors", measured.median(i, 2),
          "second question, first token", measured.median(i, 1),
          "second, processors", measured.median(i, 4),
          "second by first, processors", measured.median(i, 4) / measured.median(i, 3));
    }
    return section;
  }

  /** A picture of coarse noise, another for each seed. */
  static Picture picture(int edge, long seed) {
    byte[] rgb = new byte[3 * edge * edge];
    Random random = new Random(seed);
    byte[] row = new byte[3 * edge];
    for (int y = 0; y < edge; y++) {
      if (y % 16 == 0) {
        random.nextBytes(row);
      }
      System.arraycopy(row, 0, rgb, y * row.length, row.length);
    }
    return new Picture(edge, edge, rgb);
  }
}
