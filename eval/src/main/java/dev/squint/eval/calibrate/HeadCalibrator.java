package dev.squint.eval.calibrate;

import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.method.depth.InactiveHeads;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds the heads of a decoder that attend to visual tokens the least. Asks sample questions; the
 * right answers need not be known.
 */
public final class HeadCalibrator {

  private final SamplePrompts prompts;
  private final Origin made;

  /**
   * Creates a calibrator.
   *
   * @param made what the result says about its origin
   */
  public HeadCalibrator(
      VisionLanguageModel model, TaskData questions, Progress progress, Origin made) {
    this.prompts = new SamplePrompts(model, questions, progress);
    this.made = made;
  }

  /**
   * Measures the heads of all layers but the last, and chooses those that go.
   *
   * @param keep share of the heads that stay, in (0, 1)
   * @throws IllegalArgumentException if fewer heads may go
   */
  public HeadCalibration choose(double keep) {
    int layers = prompts.model().decoder().cachedLayers();
    List<LayerProbe> probes =
        IntStream.range(1, layers).mapToObj(layer -> new LayerProbe(0)).toList();
    prompts.ask(prompts.questions(), LayerProbe.plan(probes));
    prompts.progress().end();
    List<List<Double>> attention = probes.stream().map(LayerProbe::heads).toList();
    return new HeadCalibration(
        made,
        prompts.model().model().name(),
        Fingerprint.of(prompts.model().model().folder()),
        prompts.questions().size(),
        layers,
        keep,
        attention,
        InactiveHeads.lowest(attention, keep));
  }
}
