package dev.squint.eval.calibrate;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.method.depth.FittedRouters;
import dev.squint.pruner.method.depth.InactiveHeads;
import dev.squint.pruner.method.depth.RoutedDepths;
import dev.squint.pruner.method.depth.TokenChange;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Fits routers for mixtures of depths to a model that was not trained with any, or finds the heads
 * that attend to visual tokens the least. Asks sample questions; the right answers need not be
 * known.
 */
public final class RouterCalibrator {

  private static final int RANKED_QUESTIONS = 2;

  /** Most rows that a layer's router is fitted to. */
  private static final int ROWS = 4096;

  private static final String NOTE =
      "fitted by least squares, not trained: not the routers of p-MoD or gamma-MoD";

  private final VisionLanguageModel model;
  private final TaskData assignment;
  private final Progress progress;

  /** Creates a calibrator. */
  public RouterCalibrator(VisionLanguageModel model, TaskData assignment, Progress progress) {
    this.model = model;
    this.assignment = assignment;
    this.progress = progress;
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
    int layers = model.decoder().cachedLayers();
    RoutedDepths.check(layers, keep);
    List<Question> questions = set().questions();
    List<LayerProbe> probes =
        IntStream.range(1, layers).mapToObj(layer -> new LayerProbe(RANKED_QUESTIONS)).toList();
    ask(
        questions.subList(0, Math.min(questions.size(), RANKED_QUESTIONS)),
        LayerProbe.plan(probes));
    List<Double> ranks = probes.stream().map(LayerProbe::rank).toList();
    HiddenStates states = new HiddenStates(layers, change, Math.max(1, ROWS / questions.size()));
    double visualTokens = ask(questions, states.plan());
    progress.end();
    Map<Integer, FittedRouters.Layer> fitted = new TreeMap<>();
    states.samples().forEach((layer, samples) -> fitted.put(layer, FittedRouters.fit(samples)));
    int[] routed = RoutedDepths.lowest(ranks, keep);
    return new Fitted(
        new RouterCalibration(
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

  /**
   * Measures the heads of all layers but the last, and chooses those that go.
   *
   * @param keep share of the heads that stay, in (0, 1)
   * @throws IllegalArgumentException if fewer heads may go
   */
  public HeadCalibration heads(double keep) {
    int layers = model.decoder().cachedLayers();
    List<LayerProbe> probes =
        IntStream.range(1, layers).mapToObj(layer -> new LayerProbe(0)).toList();
    ask(set().questions(), LayerProbe.plan(probes));
    progress.end();
    List<List<Double>> attention = probes.stream().map(LayerProbe::heads).toList();
    return new HeadCalibration(
        model.model().name(),
        Fingerprint.of(model.model().folder()),
        set().questions().size(),
        layers,
        keep,
        attention,
        InactiveHeads.lowest(attention, keep));
  }

  /** Asks questions for their prompts alone; the mean number of visual tokens. */
  private double ask(List<Question> questions, PruningPlan plan) {
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1).withPlan(plan);
    double tokens = 0;
    for (Question question : questions) {
      List<Picture> pictures = question.pictures().stream().map(set().pictures()::read).toList();
      Answer answer =
          new ModelAsker(model, false)
              .ask(pictures, question.history(), assignment.prompt(question), options);
      tokens += (double) answer.visualTokens() / questions.size();
      progress.step();
    }
    return tokens;
  }

  private DataSet set() {
    return assignment.set();
  }
}
