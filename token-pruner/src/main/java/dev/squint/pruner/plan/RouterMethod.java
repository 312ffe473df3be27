package dev.squint.pruner.plan;

import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.method.depth.GammaMod;
import dev.squint.pruner.method.depth.PMod;
import java.util.Arrays;
import java.util.List;

/** The catalogue of mixtures of depths, which act in every layer of the decoder. */
public enum RouterMethod {
  P_MOD(
      "p-mod",
      "each layer processes a share of the visual tokens that falls with depth",
      "p-MoD, arXiv 2412.04449"),
  GAMMA_MOD(
      "gamma-mod",
      "each layer processes the tokens that one router for all layers wants",
      "gamma-MoD, arXiv 2410.13859");

  /** Where a plan writes them: {@code decoder:p-mod}. */
  public static final String POINT = "decoder";

  private final String text;
  private final String summary;
  private final String paper;

  RouterMethod(String text, String summary, String paper) {
    this.text = text;
    this.summary = summary;
    this.paper = paper;
  }

  /**
   * The method of this name.
   *
   * @throws IllegalArgumentException listing the names that there are
   */
  static RouterMethod get(String name) {
    List<RouterMethod> all = Arrays.asList(values());
    return all.stream()
        .filter(method -> method.text.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no method at '%s' is called '%s'; there are %s"
                        .formatted(
                            POINT, name, all.stream().map(RouterMethod::methodName).toList())));
  }

  /** As plans and packages call it. */
  public String methodName() {
    return text;
  }

  /** What happens, in a few words. */
  public String summary() {
    return summary;
  }

  /** Authors' title and arXiv id. */
  public String paper() {
    return paper;
  }

  /** How far it is the published method. */
  public Method.Faithfulness faithfulness() {
    return Method.Faithfulness.AUTHORS_CODE;
  }

  /** What it reads: weights of the package, of its own name. */
  public Trained needs() {
    return new Trained(text);
  }

  /**
   * The router with the weights of a package.
   *
   * @throws IllegalArgumentException if some are missing
   */
  public LayerRouter with(TrainedWeights weights) {
    return switch (this) {
      case P_MOD -> PMod.of(weights);
      case GAMMA_MOD -> GammaMod.of(weights);
    };
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    return POINT + ":" + text;
  }
}
