package dev.squint.llm.decoder.policy;

import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.cache.StageCache;
import dev.squint.llm.decoder.cache.StoredLayer;
import dev.squint.llm.decoder.evidence.CacheEvidence;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.plan.CacheStep;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Applies the cache policies of a plan to one sequence: after prefill, and again while decoding
 * where a policy decides again. Not thread-safe: the rows of its layers change with the cache.
 */
public final class CachePolicyRunner {

  private final CachePolicies policies;
  private final List<CacheStep> steps;
  private final Map<Integer, LayerRows> layers = new LinkedHashMap<>();
  private final int[] lastLayerTokens;

  CachePolicyRunner(CachePolicies policies, List<ObservedStage> observed) {
    this.policies = policies;
    this.steps = policies.steps();
    observed.forEach(stage -> layers.putAll(stage.layers()));
    this.lastLayerTokens =
        observed.isEmpty() ? new int[0] : observed.get(observed.size() - 1).tokens();
  }

  /** Whether all rows are kept. */
  public boolean doesNothing() {
    return steps.isEmpty();
  }

  /** Whether the queries of new tokens must be shown while decoding. */
  public boolean watchesDecoding() {
    for (CacheStep step : steps) {
      if (step.policy().every() > 0 && CacheEvidence.followsDecoding(step.policy().needs())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Decides about all layers of a stage after prefill.
   *
   * @return operations of deciding, {@link dev.squint.pruner.Operations}
   */
  public double afterPrefill(DecoderStage stage, StageCache cache) {
    double operations = 0;
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
    return operations;
  }

  private CachedTokens cached(int layer, LayerRows rows, StoredLayer.Rows held) {
    return new CachedTokens(
        layer,
        held.keys(),
        held.values(),
        rows.tokens(held.keys().size()),
        policies.visual(),
        rows.promptTokens(),
        policies.evidence().afterPrefill(rows.evidence(), lastLayerTokens));
  }

  /** Applies RoPE to keys of a layer; null where rows keep their positions. */
  private @Nullable BiFunction<Matrix, long[], Matrix> movedBy(int layer) {
    return policies.closesGaps()
        ? (keys, by) -> policies.rotation().rotated(layer, keys, by)
        : null;
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
      rows.grow(policies.visual().length + generated, position);
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
    Arrays.setAll(tokens, i -> policies.visual().length + generated - tokens.length + 1 + i);
    CachedTokens some =
        new CachedTokens(
            layer,
            rows.keys(),
            rows.values(),
            Collections.nCopies(rows.keys().size(), tokens),
            policies.visual(),
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
