package dev.squint.eval.bench;

import dev.squint.eval.cost.DecoderCost;
import dev.squint.llm.SyntheticPrompt;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.StageSignature;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Compares the measured speed-up of methods inside the decoder with the reduction of operations.
 */
final class MethodBench {

  private static final int STEPS = 8;
  private static final int WARM_UP_TOKENS = 128;

  private MethodBench() {}

  /** Every method that needs no trained weights, at the relative depth its authors use. */
  static List<PruningPlan> plans(int layers) {
    return Stream.of(
            "encoder:uniform-grid(keep=0.5)",
            "layer2:uniform-grid(keep=0.5)",
            "layer2:fastv(keep=0.5)",
            "layer2:fastv(keep=0.25)",
            "layer2:lrs(keep=0.5)",
            at(layers, "feather(keep=0.4)", 8)
                + " + "
                + at(layers, "feather(keep=0.25,stride=0)", 16),
            "layer2:dart(keep=0.25)",
            at(layers, "ivc-prune(keep=0.5)", 16),
            at(layers, "pact(keep=0.25)", 5),
            at(layers, "pyramiddrop(keep=0.5)", 8, 16, 24),
            at(layers, "sparsevlm(keep=0.5)", 3, 7, 16),
            at(layers, "sparsevlm(recycle=true,keep=0.5)", 3, 7, 16),
            at(layers, "adaptinfer(keep=0.5)", 2, 11, 21),
            at(layers, "mustdrop(keep=0.5..0.75)", 3, 7, 11, 15),
            at(layers, "atp-style(keep=0.25..0.5)", 8),
            at(layers, "aim(keep=0.25)", 16),
            at(layers, "gemfilter(keep=0.25)", 13),
            at(layers, "uniform-grid(tokens=0)", 20),
            "decoder:skipdecode(fewest=0.5,answer=2)")
        .map(PruningPlan::parse)
        .toList();
  }

  private static String at(int layers, String method, int... places) {
    List<String> steps = new ArrayList<>();
    for (int place : places) {
      long scaled = Math.max(1, Math.round(place * layers / 32.0));
      steps.add("layer%d:%s".formatted(scaled, method));
    }
    return String.join(" + ", steps);
  }

  /** Compares plans on random visual tokens; the first plan is the base. */
  static Section measure(
      VisionLanguageModel model, int visualTokens, List<PruningPlan> plans, int rounds) {
    int size = model.decoder().hiddenSize();
    SyntheticPrompt small = RandomPrompt.of(Math.min(visualTokens, WARM_UP_TOKENS), size);
    plans.forEach(plan -> Measured.of(model, small, plan));
    SyntheticPrompt prompt = RandomPrompt.of(visualTokens, size);
    List<Measured> last = new ArrayList<>(Collections.nCopies(plans.size(), Measured.NOTHING));
    List<Supplier<double[]>> runs = new ArrayList<>();
    for (int i = 0; i < plans.size(); i++) {
      int plan = i;
      runs.add(
          () -> {
            last.set(plan, Measured.of(model, prompt, plans.get(plan)));
            return last.get(plan).figures();
          });
    }
    Rounds measured = Rounds.cold(rounds, runs);
    Section section =
        new Section(
            "methods, %d visual tokens".formatted(visualTokens),
            ("%d random visual tokens and %d text tokens, then %d decoded tokens; %d rounds; wall-clock"
                    + " milliseconds, megabytes after prefill. Speed-up: time without a plan divided"
                    + " by time with it. Promised: operations without divided by operations with it.")
                .formatted(visualTokens, RandomPrompt.TEXT, STEPS, rounds));
    for (int i = 0; i < plans.size(); i++) {
      row(section, plans.get(i), measured, i, last);
    }
    return section;
  }

  private static void row(
      Section section, PruningPlan plan, Rounds measured, int i, List<Measured> last) {
    Verdict.Gain prefill =
        new Verdict.Gain(
            1 / measured.ratio(i, 0, 0), last.get(0).prefillFlops / last.get(i).prefillFlops);
    Verdict.Gain decode =
        new Verdict.Gain(
            1 / measured.ratio(i, 0, 2), last.get(0).stepFlops / last.get(i).stepFlops);
    Verdict verdict = Verdict.of(prefill, decode, measured.median(i, 4) / measured.median(0, 0));
    section.row(
        "plan", plan.toString(),
        "prefill", measured.median(i, 0),
        "speed-up", prefill.measured(),
        "promised", prefill.promised(),
        "speed-up, processors", 1 / measured.ratio(i, 0, 1),
        "choosing", measured.median(i, 4),
        "decode a token", measured.median(i, 2),
        "speed-up of decode", decode.measured(),
        "promised for decode", decode.promised(),
        "KV", last.get(i).cacheBytes / 1e6,
        "pays", i == 0 ? "" : verdict.pays() ? "yes" : "no",
        "why", i == 0 ? "" : verdict.why());
  }

  /**
   * One run of a plan.
   *
   * @param figures wall-clock and processor milliseconds of the prefill, the same two of a decode
   *     step, and wall-clock milliseconds of pruning
   * @param cacheBytes cache size after the prefill
   */
  private record Measured(
      double[] figures, double prefillFlops, double stepFlops, long cacheBytes) {

    static final Measured NOTHING = new Measured(new double[0], 0, 0, 0);

    static Measured of(VisionLanguageModel model, SyntheticPrompt prompt, PruningPlan plan) {
      Clock start = Clock.now();
      try (SyntheticPrompt.Prefilled run = prompt.prefill(model, plan)) {
        Clock prefill = start.since();
        DecodingSession session = run.session();
        DecoderCost cost = DecoderCost.of(model);
        double prefillFlops = cost.prefillOfRuns(session.report().runs());
        long bytes = session.cacheBytes();
        double[] millis = new double[STEPS];
        double processors = 0;
        for (int i = 0; i < STEPS; i++) {
          Clock step = Clock.now();
          session.append(i);
          Clock took = step.since();
          millis[i] = took.millis();
          processors += took.processorMillis() / STEPS;
        }
        double[] figures = {
          prefill.millis(),
          prefill.processorMillis(),
          Rounds.median(millis),
          processors,
          run.pruneMillis()
        };
        double stepFlops = cost.step(cached(model, session));
        return new Measured(figures, prefillFlops, stepFlops, bytes);
      }
    }

    /** Number of tokens that the last token attended to, for each layer that it did not skip. */
    private static List<Integer> cached(VisionLanguageModel model, DecodingSession session) {
      List<Integer> tokens = new ArrayList<>();
      List<StageSignature> stages = model.decoder().stages();
      for (int i = 0; i < stages.size(); i++) {
        int own = session.cachedTokens().get(i);
        tokens.addAll(Collections.nCopies(own == 0 ? 0 : stages.get(i).cachedLayers(), own));
      }
      return tokens;
    }
  }
}
