package dev.squint.llm.decoder;

import ai.onnxruntime.OrtSession;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.plan.CacheStep;
import java.util.ArrayList;
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
 * Carries out the cache steps of a plan in one answer: after prefill, and while decoding where a
 * policy decides anew. Not thread-safe.
 */
final class CachePolicyRunner {

  private final List<CacheStep> steps;
  private final boolean[] visual;
  private final Supplier<KeyRotation> rotation;
  private final boolean closesGaps;
  private final CacheEvidence evidence;
  private final Map<Integer, LayerRows> layers = new LinkedHashMap<>();
  private int[] lastLayerTokens = {};
  private int generated;
  private double operations;

  /**
   * Prepares for one answer.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   * @param tokens number of tokens of the prompt
   * @param rotation asked for where a policy moves rows to cache-index positions
   */
  CachePolicyRunner(
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

  boolean doesNothing() {
    return steps.isEmpty();
  }

  /** Rows of a prompt whose queries must be shown. */
  int[] queries(int tokens) {
    return evidence.queries(tokens);
  }

  /** Whether the queries of new tokens must be shown while decoding. */
  boolean watchesDecoding() {
    return steps.stream()
        .anyMatch(
            step ->
                step.policy().every() > 0 && CacheEvidence.followsDecoding(step.policy().needs()));
  }

  /**
   * Records what must be known of a stage's layers, while its taps are there.
   *
   * @param tokens which tokens of the prompt the stage ran on, ascending
   */
  void ended(StageEnd end, int firstLayer, int[] tokens) {
    for (int layer = firstLayer; layer < end.layers(); layer++) {
      EvidenceSet observed = evidence.atStageEnd(end, layer);
      operations += observed.operations();
      layers.put(layer, new LayerRows(tokens, end.positions().axis(0), observed));
    }
    lastLayerTokens = tokens;
  }

  /** Decides about all layers of a stage after prefill. */
  void afterPrefill(DecoderStage stage, StageCache cache) {
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
      List<Matrix> keys = rows.now(tokens, movedBy(layer));
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
  double operations() {
    return operations;
  }

  private CachedTokens cached(int layer, LayerRows rows, StoredLayer.Rows held) {
    return new CachedTokens(
        layer,
        held.keys(),
        held.values(),
        rows.tokens(held.keys().size()),
        visual,
        rows.promptTokens,
        evidence.afterPrefill(rows.observed, lastLayerTokens));
  }

  private static List<int[]> tokensOf(CachedTokens cache) {
    List<int[]> tokens = new ArrayList<>();
    for (int h = 0; h < cache.heads(); h++) {
      tokens.add(cache.tokens(h));
    }
    return tokens;
  }

  /** Counts a decoded token. */
  void decoded() {
    generated++;
  }

  /** Turns keys of a layer; null where rows keep their positions. */
  private @Nullable BiFunction<Matrix, long[], Matrix> movedBy(int layer) {
    return closesGaps ? (keys, by) -> rotation.get().turned(layer, keys, by) : null;
  }

  /**
   * Decides about the layers of a stage after a token was decoded.
   *
   * @param position of the token
   */
  void afterStep(DecoderStage stage, StageCache cache, OrtSession.Result result, long position) {
    if (steps.stream().allMatch(step -> step.policy().every() == 0)) {
      return;
    }
    CacheStep last = steps.get(steps.size() - 1);
    if (last.policy().stores()) {
      cache.stored().forEach((layer, form) -> code(layer, form, last));
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
        keys = rows.now(left, movedBy(layer));
        changed = true;
      }
      dense.put(layer, new StoredLayer.Rows(keys, left.values()));
    }
    if (changed) {
      cache.replace(dense);
    }
  }

  private void code(int layer, StoredLayer form, CacheStep step) {
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

  /** Which tokens the rows of a layer are of, and what is known of them. */
  private static final class LayerRows {
    private final int promptTokens;
    private List<int[]> tokens;
    private List<long[]> positions;
    private EvidenceSet observed;

    LayerRows(int[] tokens, long[] positions, EvidenceSet observed) {
      this.promptTokens = tokens.length;
      this.tokens = List.of(tokens);
      this.positions = List.of(positions);
      this.observed = observed;
    }

    /** For each of so many key heads. */
    List<int[]> tokens(int heads) {
      return tokens.size() == heads ? tokens : Collections.nCopies(heads, tokens.get(0));
    }

    /**
     * Records what is left.
     *
     * @param turn brings keys to the positions where they stand without gaps; null to leave them
     * @return the keys, [N, d] a key head
     */
    List<Matrix> now(CachedTokens cache, @Nullable BiFunction<Matrix, long[], Matrix> turn) {
      List<Matrix> keys = new ArrayList<>();
      List<long[]> stay = new ArrayList<>();
      for (int h = 0; h < cache.heads(); h++) {
        long[] at = positions(h, tokens(cache.heads()).get(h), cache.tokens(h));
        keys.add(turn == null ? cache.keys().get(h) : turn.apply(cache.keys().get(h), gaps(at)));
        stay.add(at);
      }
      positions = stay;
      tokens = tokensOf(cache);
      observed = CacheEvidence.following(cache.observed());
      return keys;
    }

    /** Where the rows that are left stand. */
    private long[] positions(int head, int[] before, int[] left) {
      long[] at = positions.get(positions.size() == 1 ? 0 : head);
      return IntStream.of(left)
          .mapToLong(token -> at[Arrays.binarySearch(before, token)])
          .toArray();
    }

    /**
     * How far rows move so that they stand without gaps, and changes their positions. The newest
     * one stays and with it the next token: rotation tells distances alone.
     */
    private static long[] gaps(long[] at) {
      long[] by = new long[at.length];
      for (int i = 0; i < at.length; i++) {
        long place = at[at.length - 1] - (at.length - 1 - i);
        by[i] = place - at[i];
        at[i] = place;
      }
      return by;
    }

    void grow(int token, long position) {
      tokens =
          tokens.stream()
              .map(
                  of -> {
                    int[] more = Arrays.copyOf(of, of.length + 1);
                    more[of.length] = token;
                    return more;
                  })
              .toList();
      positions =
          positions.stream()
              .map(
                  of -> {
                    long[] more = Arrays.copyOf(of, of.length + 1);
                    more[of.length] = position;
                    return more;
                  })
              .toList();
    }

    /** Adds the attention of a new token to all rows, the newest last, [kvHeads, N]. */
    void accumulate(Matrix attention) {
      observed = CacheEvidence.grown(observed, attention);
    }
  }
}
