package dev.squint.eval.bench;

import dev.squint.llm.Answer;
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

  private static final String FIRST = "What is shown here?";
  private static final String SECOND = "How many colours are there in it, and which?";

  private PictureBench() {}

  /**
   * Compares plans on new pictures, each with a second question about the same picture, once with
   * the prompt computed anew and once with what the first question left of it.
   */
  static Section measure(VisionLanguageModel model, int edge, List<PruningPlan> plans, int rounds) {
    Map<PruningPlan, Phases> last = new HashMap<>();
    Map<PruningPlan, Phases> lastSecond = new HashMap<>();
    List<Supplier<double[]>> runs = new ArrayList<>();
    int[] seed = {0};
    for (PruningPlan plan : plans) {
      runs.add(
          () -> {
            Picture picture = picture(edge, seed[0]++);
            Phases first = Phases.ask(model, picture, FIRST, plan, true);
            Phases anew = Phases.ask(model, picture, SECOND, plan, false);
            Phases second = Phases.ask(model, picture, SECOND, plan, true);
            last.put(plan, first);
            lastSecond.put(plan, second);
            return new double[] {
              first.answer().timings().firstTokenMillis(),
              second.answer().timings().firstTokenMillis(),
              first.encode(),
              first.encode() + first.prefill(),
              second.encode() + second.prefill(),
              anew.answer().timings().firstTokenMillis(),
              anew.encode() + anew.prefill()
            };
          });
    }
    Rounds measured = Rounds.cold(rounds, runs);
    Section section =
        new Section(
            "time to first token",
            "New pictures of %d x %d, and a second question about each, which goes on from what the first left in the decoder, or (anew) does not; %d rounds; milliseconds, on the wall and of all processors."
                .formatted(edge, edge, rounds));
    for (int i = 0; i < plans.size(); i++) {
      Encoding encoding = Objects.requireNonNull(last.get(plans.get(i))).answer().encoding();
      Answer second = Objects.requireNonNull(lastSecond.get(plans.get(i))).answer();
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
          "second by first", measured.share(i, 1, 0),
          "second by first, processors", measured.share(i, 4, 3),
          "prompt tokens reused",
              "%d of %d".formatted(second.reusedTokens(), second.promptTokens()),
          "anew, first token", measured.median(i, 5),
          "anew by first", measured.share(i, 5, 0),
          "anew by first, processors", measured.share(i, 6, 3));
    }
    section.goal("none, second question by the first, first token", 0.15, measured.share(0, 1, 0));
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
