package dev.squint.llm.decoder.policy;

import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.cache.StageCache;
import dev.squint.llm.decoder.cache.StoredLayer;
import dev.squint.llm.decoder.evidence.CacheEvidence;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.plan.CacheStep;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Applies the cache policies of a plan to one sequence: after prefill, and again while decoding
 * where a policy wants that. Not thread-safe.
 */
public final class CachePolicyRunner {

  private final List<CacheStep> steps;
  private final boolean[] visual;
  private final Supplier<KeyRotation> rotation;
  private final boolean closesGaps;
  private final CacheEvidence evidence;
  private final Map<Integer, LayerRows> layers = new LinkedHashMap<>();
  private int[] lastLayerTokens = {};
  private double operations;

  /**
   * Prepares for one answer.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   * @param tokens number of tokens of the prompt
   * @param rotation asked for where a policy moves rows to cache-index positions
   */
  public CachePolicyRunner(
      List<CacheStep> steps, int[] visual, int tokens, Supplier<KeyRotation> rotation) {
    this.steps = List.copyOf(steps);
    this.visual = new boolean[tokens];
    IntStream.of(visual).forEach(token -> this.visual[token] = true);
    this.rotation = rotation;
    this.closesGaps = steps.stream().anyMatch(step -> step.policy().positionsInCache());
    Set<Evidence<?>> needs = new LinkedHashSet<>();
    steps.forEach(step -> needs.addAll(step.policy().needs()));
    this.evidence = new CacheEvidence(needs);
  }

  /** Keeps all rows. */
  public static CachePolicyRunner none() {
    return new CachePolicyRunner(
        List.of(),
        new int[0],
        0,
        () -> {
          throw new IllegalStateException("no policy moves keys");
        });
  }

  /** Whether all rows are kept. */
  public boolean doesNothing() {
    return steps.isEmpty();
  }

  /** Rows of a prompt whose queries must be shown. */
  public int[] queries(int tokens) {
    return evidence.queries(tokens);
  }

  /** Whether the queries of new tokens must be shown while decoding. */
  public boolean watchesDecoding() {
    return steps.stream()
        .anyMatch(
            step ->
                step.policy().every() > 0 && CacheEvidence.followsDecoding(step.policy().needs()));
  }

  /**
   * Records what policies read of a stage's layers, while its taps are there.
   *
   * @param tokens which tokens of the prompt the stage ran on, ascending
   */
  public void ended(StageEnd end, int firstLayer, int[] tokens) {
    for (int layer = firstLayer; layer < end.layers(); layer++) {
      EvidenceSet observed = evidence.atStageEnd(end, layer);
      operations += observed.operations();
      layers.put(layer, new LayerRows(tokens, end.positions().axis(0), observed));
    }
    lastLayerTokens = tokens;
  }

  /** Decides about all layers of a stage after prefill. */
  public void afterPrefill(DecoderStage stage, StageCache cache) {
    Map<Integer, StoredLayer.Rows> dense = new LinkedHashMap<>();
    Map<Integer, StoredLayer> stored = new LinkedHashMap<>();
    for (int layer = stage.firstLayer(); layer < stage.endLayer(); layer++) {
      LayerRows rows = of(layer);
      CachedTokens tokens = cached(layer, rows, cache.rows(layer));
      @Nullable StoredLayer form = null;
      for (CacheStep step : steps) {
        CacheDecision decision = step.decide(tokens);
        operations += step.operations(tokens, decision);
        tokens = tokens.reduced(decision.rows());
        if (step.policy().stores()) {
          form = new StoredLayer(tokens.heads(), tokens.keys().get(0).cols());
          form.store(tokens, decision);
        }
      }
      List<Matrix> keys = rows.keep(tokens, movedBy(layer));
      if (form == null) {
        dense.put(layer, new StoredLayer.Rows(keys, tokens.values()));
      } else {
        stored.put(layer, form);
      }
    }
    if (stored.isEmpty()) {
      cache.replace(dense);
    } else {
      cache.store(stored);
    }
  }

  /** Operations of what was decided after prefill, {@link dev.squint.pruner.Operations}. */
  public double operations() {
    return operations;
  }

  private CachedTokens cached(int layer, LayerRows rows, StoredLayer.Rows held) {
    return new CachedTokens(
        layer,
        held.keys(),
        held.values(),
        rows.tokens(held.keys().size()),
        visual,
        rows.promptTokens(),
        evidence.afterPrefill(rows.evidence(), lastLayerTokens));
  }

  /** Applies RoPE to keys of a layer; null where rows keep their positions. */
  private @Nullable BiFunction<Matrix, long[], Matrix> movedBy(int layer) {
    return closesGaps ? (keys, by) -> rotation.get().rotated(layer, keys, by) : null;
  }

  /**
   * Decides about the layers of a stage after a token was decoded.
   *
   * @param position of the token
   * @param generated number of the token among those that were generated, from 0
   */
  public void afterStep(
      DecoderStage stage,
      StageCache cache,
      OrtSession.Result result,
      long position,
      int generated) {
    if (steps.stream().allMatch(step -> step.policy().every() == 0)) {
      return;
    }
    CacheStep last = steps.get(steps.size() - 1);
    if (last.policy().stores()) {
      cache.stored().forEach((layer, form) -> code(layer, form, last, generated));
      return;
    }
    Map<Integer, StoredLayer.Rows> dense = new LinkedHashMap<>();
    boolean changed = false;
    for (int layer = stage.firstLayer(); layer < stage.endLayer(); layer++) {
      LayerRows rows = of(layer);
      rows.grow(visual.length + generated, position);
      StoredLayer.Rows held = cache.rows(layer);
      if (watchesDecoding()) {
        rows.accumulate(stage.attentionOfNewToken(result, layer, held.keys()));
      }
      CachedTokens before = cached(layer, rows, held);
      CachedTokens left = before;
      for (CacheStep step : steps) {
        if (step.policy().every() > 0 && (generated + 1) % step.policy().every() == 0) {
          left = left.reduced(step.decide(left).rows());
        }
      }
      List<Matrix> keys = left.keys();
      if (left.rows() < before.rows()) {
        keys = rows.keep(left, movedBy(layer));
        changed = true;
      }
      dense.put(layer, new StoredLayer.Rows(keys, left.values()));
    }
    if (changed) {
      cache.replace(dense);
    }
  }

  private void code(int layer, StoredLayer form, CacheStep step, int generated) {
    if (step.policy().every() == 0 || form.newRows() < step.policy().every()) {
      return;
    }
    StoredLayer.Rows rows = form.takeNew();
    int[] tokens = new int[rows.keys().get(0).rows()];
    Arrays.setAll(tokens, i -> visual.length + generated - tokens.length + 1 + i);
    CachedTokens some =
        new CachedTokens(
            layer,
            rows.keys(),
            rows.values(),
            Collections.nCopies(rows.keys().size(), tokens),
            visual,
            tokens.length,
            EvidenceSet.nothing());
    form.store(some, step.decide(some));
  }

  private LayerRows of(int layer) {
    LayerRows rows = layers.get(layer);
    if (rows == null) {
      throw new IllegalStateException("layer %d has not run".formatted(layer));
    }
    return rows;
  }
}
