package dev.squint.eval.bench;

import dev.squint.llm.SyntheticPrompt;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Measures the size of the KV cache and the decoding speed under each cache policy. */
final class CacheBench {

  /** Default plans: each policy once, quantization in both of its variants. */
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
   * Compares plans on a random prompt; the first plan is the base. Each plan runs the prefill once.
   * Then all plans decode one token in turn.
   */
  static Section measure(VisionLanguageModel model, int tokens, List<PruningPlan> plans) {
    int size = model.decoder().hiddenSize();
    // Preparing a plan later would close the decoder stages that earlier plans still use.
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
              ("A random prompt of %d tokens, %d of them text. Each plan runs the prefill once; then all"
                      + " plans decode %d tokens in turn. Cache size in megabytes before the plan,"
                      + " after it and after the last token; wall-clock milliseconds.")
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
