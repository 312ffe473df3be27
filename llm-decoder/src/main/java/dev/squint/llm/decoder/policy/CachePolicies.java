package dev.squint.llm.decoder.policy;

import dev.squint.llm.decoder.evidence.CacheEvidence;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.plan.CacheStep;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The cache policies of a plan for one prompt: what they read while it runs. What they decide is
 * applied by {@link CachePolicyRunner}. Immutable.
 */
public final class CachePolicies {

  private final List<CacheStep> steps;
  private final boolean[] visual;
  private final Supplier<KeyRotation> rotation;
  private final CacheEvidence evidence;

  /**
   * Prepares for one prompt.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   * @param tokens number of tokens of the prompt
   * @param rotation measured when a policy moves rows to cache-index positions
   */
  public CachePolicies(
      List<CacheStep> steps, int[] visual, int tokens, Supplier<KeyRotation> rotation) {
    this.steps = List.copyOf(steps);
    this.visual = new boolean[tokens];
    for (int token : visual) {
      this.visual[token] = true;
    }
    this.rotation = rotation;
    Set<Evidence<?>> needs = new LinkedHashSet<>();
    steps.forEach(step -> needs.addAll(step.policy().needs()));
    this.evidence = new CacheEvidence(needs);
  }

  /** Keeps all rows. */
  public static CachePolicies none() {
    return new CachePolicies(
        List.of(),
        new int[0],
        0,
        () -> {
          throw new IllegalStateException("no policy moves keys");
        });
  }

  /** Rows of a prompt whose queries must be shown. */
  public int[] queries(int tokens) {
    return evidence.queries(tokens);
  }

  /**
   * Reads what policies need of a stage's layers, while its taps are there.
   *
   * @param tokens which tokens of the prompt the stage ran on, ascending
   */
  public ObservedStage observe(StageEnd end, int firstLayer, int[] tokens) {
    Map<Integer, LayerRows> layers = new LinkedHashMap<>();
    double operations = 0;
    for (int layer = firstLayer; layer < end.layers(); layer++) {
      EvidenceSet observed = evidence.atStageEnd(end, layer);
      operations += observed.operations();
      layers.put(layer, new LayerRows(tokens, end.positions().axis(0), observed));
    }
    return new ObservedStage(layers, tokens, operations);
  }

  /**
   * Applies the policies to the caches that the prompt left.
   *
   * @param observed of all runs of stages in their order; a stage that ran again counts once more
   */
  public CachePolicyRunner runner(List<ObservedStage> observed) {
    return new CachePolicyRunner(this, observed);
  }

  List<CacheStep> steps() {
    return steps;
  }

  boolean[] visual() {
    return visual;
  }

  CacheEvidence evidence() {
    return evidence;
  }

  /** Whether a policy moves rows to positions without gaps. */
  boolean closesGaps() {
    return steps.stream().anyMatch(step -> step.policy().positionsInCache());
  }

  KeyRotation rotation() {
    return rotation.get();
  }
}
