package dev.squint.eval.calibrate;

import dev.squint.eval.data.Question;
import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.method.depth.FittedRouters;
import dev.squint.pruner.method.depth.RoutedDepths;
import dev.squint.pruner.method.depth.TokenChange;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Fits routers for mixtures of depths to a model that was not trained with any. Asks sample
 * questions; the right answers need not be known.
 */
public final class RouterCalibrator {

  private static final int RANKED_QUESTIONS = 2;

  /** Most rows that a layer's router is fitted to. */
  private static final int ROWS = 4096;

  private static final String NOTE =
      "fitted by least squares, not trained: not the routers of p-MoD or gamma-MoD";

  private final SamplePrompts prompts;
  private final Origin made;

  /**
   * Creates a calibrator.
   *
   * @param made what the result says about its origin
   */
  public RouterCalibrator(
      VisionLanguageModel model, TaskData questions, Progress progress, Origin made) {
    this.prompts = new SamplePrompts(model, questions, progress);
    this.made = made;
  }

  /** Returns the number of answers, for a progress bar. */
  public static long answers(int questions) {
    return questions + (long) Math.min(questions, RANKED_QUESTIONS);
  }

  /**
   * What was fitted.
   *
   * @param about how
   * @param weights as files of routers hold them
   */
  public record Fitted(RouterCalibration about, TrainedWeights weights) {}

  /**
   * Measures the model and fits the routers.
   *
   * @param keep mean share of the visual tokens in a layer, in (0, 1)
   * @param change what the routers predict the ranks of
   * @throws IllegalArgumentException if the decoder has too few layers for the budget, or there is
   *     one question only
   */
  public Fitted fit(double keep, TokenChange change) {
    VisionLanguageModel model = prompts.model();
    int layers = model.decoder().cachedLayers();
    RoutedDepths.check(layers, keep);
    List<Question> questions = prompts.questions();
    List<LayerProbe> probes =
        IntStream.range(1, layers).mapToObj(layer -> new LayerProbe(RANKED_QUESTIONS)).toList();
    prompts.ask(
        questions.subList(0, Math.min(questions.size(), RANKED_QUESTIONS)),
        LayerProbe.plan(probes));
    List<Double> ranks = probes.stream().map(LayerProbe::rank).toList();
    HiddenStates states = new HiddenStates(layers, change, Math.max(1, ROWS / questions.size()));
    double visualTokens = prompts.ask(questions, states.plan());
    prompts.progress().end();
    Map<Integer, FittedRouters.Layer> fitted = new TreeMap<>();
    states.samples().forEach((layer, samples) -> fitted.put(layer, FittedRouters.fit(samples)));
    int[] routed = RoutedDepths.lowest(ranks, keep);
    return new Fitted(
        new RouterCalibration(
            made,
            model.model().name(),
            Fingerprint.of(model.model().folder()),
            questions.size(),
            layers,
            keep,
            change,
            visualTokens,
            ranks,
            IntStream.range(0, layers)
                .mapToObj(i -> fitted.containsKey(i) ? fitted.get(i).correlation() : 0)
                .toList(),
            Arrays.stream(RoutedDepths.cosine(layers, keep)).boxed().toList(),
            IntStream.of(routed).boxed().toList(),
            RoutedDepths.share(layers, routed.length, keep),
            NOTE),
        FittedRouters.weights(layers, fitted, routed, keep));
  }
}
