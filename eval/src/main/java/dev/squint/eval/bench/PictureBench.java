package dev.squint.eval.bench;

import dev.squint.eval.cost.ModelCost;
import dev.squint.llm.Answer;
import dev.squint.llm.Encoding;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Measures the time to the first token of a new picture or clip, and of a second question about it.
 */
final class PictureBench {

  private static final String FIRST = "What is shown here?";
  private static final String SECOND = "How many colours are there in it, and which?";
  private static final int FRAMES = 8;
  private static final int FRAME_EDGE = 360;

  // Places among the figures of a round.
  private static final int CHOOSING = 7;
  private static final int ENCODING = 8;

  private PictureBench() {}

  /** Answers a question about a new picture or clip. */
  private interface Subject {
    Message asked(String question);
  }

  /** Compares plans on new pictures, each with a second question about the same picture. */
  static Section pictures(
      VisionLanguageModel model, int edge, List<PruningPlan> plans, int rounds) {
    int[] seed = {0};
    Supplier<Subject> subjects =
        () -> {
          Picture picture = picture(edge, seed[0]++);
          return question -> Message.user(List.of(picture), question);
        };
    // Without a warm-up round, because each round is slow.
    Section section =
        new Section(
            "time to first token",
            note("pictures of %d x %d".formatted(edge, edge)).formatted(rounds));
    measure(section, model, plans, runs -> Rounds.cold(rounds, runs), subjects, 0.15);
    return section;
  }

  /** Measures new clips, without plans. */
  static Section clips(VisionLanguageModel model, int rounds) {
    int[] seed = {0};
    Supplier<Subject> subjects =
        () -> {
          List<Picture> frames = new ArrayList<>();
          for (int i = 0; i < FRAMES; i++) {
            frames.add(picture(FRAME_EDGE, seed[0]++));
          }
          Clip clip = Clip.of(frames, 1);
          return question -> Message.user(clip, question);
        };
    Section section =
        new Section(
            "clips",
            note("clips of %d frames of %d x %d".formatted(FRAMES, FRAME_EDGE, FRAME_EDGE))
                .formatted(rounds));
    measure(
        section,
        model,
        List.of(PruningPlan.none()),
        runs -> Rounds.interleaved(rounds, runs),
        subjects,
        0.2);
    return section;
  }

  private static String note(String subjects) {
    return "New "
        + subjects
        + ", and a second question about each. The second question reuses the KV cache of the first; (recomputed) does not. %d rounds; wall-clock and processor milliseconds. Choosing (tiles, groups, tokens, and reading the question for it) is wall-clock time, beside the wall-clock time of the encoder.";
  }

  private static void measure(
      Section section,
      VisionLanguageModel model,
      List<PruningPlan> plans,
      Function<List<Supplier<double[]>>, Rounds> inTurn,
      Supplier<Subject> subjects,
      double atMost) {
    Map<PruningPlan, Answer> firsts = new HashMap<>();
    Map<PruningPlan, Answer> seconds = new HashMap<>();
    List<Supplier<double[]>> runs = new ArrayList<>();
    for (PruningPlan plan : plans) {
      runs.add(
          () -> {
            Subject subject = subjects.get();
            Phases first = Phases.ask(model, List.of(subject.asked(FIRST)), plan, true);
            Phases recomputed = Phases.ask(model, List.of(subject.asked(SECOND)), plan, false);
            Phases second = Phases.ask(model, List.of(subject.asked(SECOND)), plan, true);
            firsts.put(plan, first.answer());
            seconds.put(plan, second.answer());
            return new double[] {
              first.answer().timings().firstTokenMillis(),
              second.answer().timings().firstTokenMillis(),
              first.encode(),
              first.encode() + first.prefill(),
              second.encode() + second.prefill(),
              recomputed.answer().timings().firstTokenMillis(),
              recomputed.encode() + recomputed.prefill(),
              first.answer().timings().pruneMillis(),
              first.answer().timings().encodeMillis()
            };
          });
    }
    Rounds measured = inTurn.apply(runs);
    for (int i = 0; i < plans.size(); i++) {
      Answer first = Objects.requireNonNull(firsts.get(plans.get(i)));
      Encoding encoding = first.encoding();
      Answer second = Objects.requireNonNull(seconds.get(plans.get(i)));
      double operations =
          operations(model, first, Objects.requireNonNull(firsts.get(plans.get(0))));
      section.row(
          "plan", plans.get(i).toString(),
          "tiles encoded", "%d of %d".formatted(encoding.encodedTiles(), encoding.tiles()),
          "tokens encoded", "%d of %d".formatted(encoding.encodedTokens(), encoding.visualTokens()),
          "operations of encoding", Double.isNaN(operations) ? "unknown" : operations,
          "first token", measured.median(i, 0),
          "ratio", measured.ratio(i, 0, 0),
          "encode and prefill, processors", measured.median(i, 3),
          "ratio of processors", measured.ratio(i, 0, 3),
          "encode", measured.median(i, ENCODING),
          "ratio of encoding", measured.ratio(i, 0, ENCODING),
          "encode, processors", measured.median(i, 2),
          "ratio of encoding, processors", measured.ratio(i, 0, 2),
          "choosing", measured.median(i, CHOOSING),
          "choosing by encoding", measured.share(i, CHOOSING, ENCODING),
          "second question, first token", measured.median(i, 1),
          "second, processors", measured.median(i, 4),
          "second by first", measured.share(i, 1, 0),
          "second by first, processors", measured.share(i, 4, 3),
          "prompt tokens reused",
              "%d of %d".formatted(second.reusedTokens(), second.promptTokens()),
          "recomputed, first token", measured.median(i, 5),
          "recomputed by first", measured.share(i, 5, 0),
          "recomputed by first, processors", measured.share(i, 6, 3));
    }
    addGoals(section, plans, measured, atMost);
  }

  private static void addGoals(
      Section section, List<PruningPlan> plans, Rounds measured, double atMost) {
    for (int i = 1; i < plans.size(); i++) {
      section.goal(
          "choosing by encoding, " + plans.get(i), 0.02, measured.share(i, CHOOSING, ENCODING));
    }
    section.goal("second question by the first, first token", atMost, measured.share(0, 1, 0));
    section.goal("second question by the first, processors", atMost, measured.share(0, 4, 3));
  }

  /** The encoder's operations, as a share of those without a plan; not a number if unknown. */
  private static double operations(VisionLanguageModel model, Answer answer, Answer whole) {
    return ModelCost.of(model)
        .map(ModelCost::encoder)
        .map(
            encoder ->
                encoder.operations(answer.encoderWork()) / encoder.operations(whole.encoderWork()))
        .orElse(Double.NaN);
  }

  /** Returns a picture of coarse noise that depends on the seed. */
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
