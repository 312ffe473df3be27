package dev.squint.eval.bench;

import dev.squint.llm.SyntheticPrompt;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What cache policies hold, and how fast tokens are decoded on it. */
final class CacheBench {

  /** Compared if no others are wanted: each policy, quantisation in both of its forms. */
  static final List<PruningPlan> PLANS =
      Stream.of(
              "cache:streamingllm(keep=0.25)",
              "cache:streamingllm(keep=0.25,inCache=true)",
              "cache:snapkv(keep=0.25)",
              "cache:h2o(keep=0.25)",
              "cache:lookm(keep=0.25)",
              "cache:zipvl",
              "cache:think(keep=0.5)",
              "cache:quantised(bits=8)",
              "cache:quantised(bits=4)",
              "cache:gear",
              "layer4:fastv(keep=0.25) + cache:mustdrop-cache")
          .map(PruningPlan::parse)
          .toList();

  private static final int STEPS = 24;

  private CacheBench() {}

  /**
   * Compares plans, the first of which is the base, on a prompt of random numbers. Each runs the
   * prompt once; then all decode a token in turn.
   */
  static Section measure(VisionLanguageModel model, int tokens, List<PruningPlan> plans) {
    int size = model.decoder().hiddenSize();
    // Plans that prepared the model later would close the stages under those before.
    plans.forEach(model::prepare);
    SyntheticPrompt prompt = RandomPrompt.of(tokens - RandomPrompt.TEXT, size);
    List<SyntheticPrompt.Prefilled> held = new ArrayList<>();
    try {
      List<Double> prefill = new ArrayList<>();
      List<Long> bytes = new ArrayList<>();
      List<Supplier<double[]>> runs = new ArrayList<>();
      for (PruningPlan plan : plans) {
        Clock start = Clock.now();
        SyntheticPrompt.Prefilled run = prompt.prefill(model, plan);
        held.add(run);
        prefill.add(start.since().millis());
        bytes.add(run.session().cacheBytes());
        runs.add(
            () -> {
              Clock step = Clock.now();
              run.session().append(1);
              Clock took = step.since();
              return new double[] {took.millis(), took.processorMillis()};
            });
      }
      Rounds measured = Rounds.interleaved(STEPS, runs);
      Section section =
          new Section(
              "cache, %d tokens".formatted(tokens),
              ("A prompt of %d random tokens, %d of them text, run once with each plan; then all"
                      + " decode %d tokens in turn. Megabytes of the cache before the plan and"
                      + " after it, and after the last token; milliseconds on the wall.")
                  .formatted(tokens, RandomPrompt.TEXT, STEPS));
      for (int i = 0; i < plans.size(); i++) {
        section.row(
            "plan", plans.get(i).toString(),
            "MB before", bytes.get(0) / 1e6,
            "MB after", bytes.get(i) / 1e6,
            "share held", (double) bytes.get(i) / bytes.get(0),
            "MB at the end", held.get(i).session().cacheBytes() / 1e6,
            "tokens a second", 1000 / measured.median(i, 0),
            "speed-up", 1 / measured.ratio(i, 0, 0),
            "speed-up, processors", 1 / measured.ratio(i, 0, 1),
            "prefill and plan", prefill.get(i));
      }
      return section;
    } finally {
      held.forEach(SyntheticPrompt.Prefilled::close);
    }
  }
}
