package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One answer while it is generated: a cache and the next position for each stage, the logits of the
 * token to come. Not thread-safe.
 */
public final class DecodingSession implements AutoCloseable {

  private static final int[] NO_QUERIES = {};
  private static final int[] NEW_TOKEN = {0};
  private static final double NANOS_PER_MILLI = 1e6;

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;
  private final List<StageCache> caches;
  private final long[] nextPositions;
  private final List<StageRun> prefill = new ArrayList<>();
  private final CachePolicyRunner keeping;
  // Which tokens of the prompt the coming stage runs on, [S'].
  private int[] tokens = {};
  private float[] logits = {};
  private @Nullable RoutedPass routed;
  private int reusedTokens;
  private double reusedMillis;
  private final LayerExits exits;
  private int generated;

  DecodingSession(
      TextEmbeddings embeddings,
      List<DecoderStage> stages,
      CachePolicyRunner keeping,
      LayerExits exits) {
    this.embeddings = embeddings;
    this.stages = stages;
    this.keeping = keeping;
    this.exits = exits;
    this.nextPositions = new long[stages.size()];
    this.caches = new ArrayList<>();
    stages.forEach(stage -> caches.add(stage.emptyCache()));
  }

  /** Logits of the token to come, [V]. */
  public float[] logits() {
    return logits;
  }

  /** Decodes one token more: puts it into the caches and computes the logits after it. */
  public void append(long token) {
    if (routed != null) {
      logits = routed.append(embedding(token));
      return;
    }
    int before = -1;
    OrtSession.@Nullable Result resultBefore = null;
    try (OrtSession.Result embedded = embeddings.run(new long[] {token});
        @Nullable OnnxTensor converted = stages.get(0).converted((OnnxTensor) embedded.get(0))) {
      OnnxTensor hidden = converted == null ? (OnnxTensor) embedded.get(0) : converted;
      for (int i = 0; i < stages.size(); i++) {
        PositionIds position = PositionIds.counting(nextPositions[i]++, 1);
        if (!exits.run(stages.get(i), generated)) {
          // Later tokens pass it by too: nobody reads its cache again.
          caches.get(i).close();
          continue;
        }
        int[] queries = keeping.watchesDecoding() ? NEW_TOKEN : NO_QUERIES;
        OrtSession.Result result =
            stages.get(i).run(hidden, position, TokenExtras.text(1), queries, caches.get(i));
        // What the stage before gave has been read: where its rows are in codes, it can go.
        settle(before, resultBefore);
        before = i;
        resultBefore = result;
        hidden = output(i, result);
      }
      takeLogits(hidden);
    }
    settle(before, resultBefore);
    keeping.decoded();
    generated++;
  }

  private void settle(int stage, OrtSession.@Nullable Result result) {
    if (result != null) {
      keeping.afterStep(stages.get(stage), caches.get(stage), result, nextPositions[stage] - 1);
      caches.get(stage).settle();
    }
  }

  private Matrix embedding(long token) {
    try (OrtSession.Result embedded = embeddings.run(new long[] {token})) {
      return Tensors.matrix((OnnxTensor) embedded.get(0), 1);
    }
  }

  /** Position that the next token gets in each stage, where no router decides. */
  public List<Long> nextPositions() {
    return Arrays.stream(nextPositions).boxed().toList();
  }

  /** Tokens that the layers of each stage hold. */
  public List<Integer> cachedTokens() {
    return caches.stream().map(StageCache::length).toList();
  }

  /** Keys that each layer holds, for each key head [N, d]. */
  List<List<Matrix>> keys() {
    List<List<Matrix>> keys = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      for (int layer = stages.get(i).firstLayer(); layer < stages.get(i).endLayer(); layer++) {
        keys.add(caches.get(i).rows(layer).keys());
      }
    }
    return keys;
  }

  /** Bytes of the cache tensors that are held now. */
  public long cacheBytes() {
    return caches.stream().mapToLong(StageCache::bytes).sum();
  }

  /**
   * Operations that routing the prompt and deciding about its cache took, {@link
   * dev.squint.pruner.Operations}; those of an {@link StageHook} are its own.
   */
  public double operations() {
    return keeping.operations() + (routed == null ? 0 : routed.operations());
  }

  /** What ran during prefill, in its order; a decoder that began anew ran some layers twice. */
  public List<StageRun> prefillRuns() {
    // What a router lets through is told layer by layer.
    return routed == null ? StageRun.joined(prefill) : List.copyOf(prefill);
  }

  /** Tokens of the prompt whose keys and values are those of an earlier prompt. */
  public int reusedTokens() {
    return reusedTokens;
  }

  /** Milliseconds that the decoder took, for earlier prompts, for the tokens that are reused. */
  public double reusedMillis() {
    return reusedMillis;
  }

  /** The cache tensors that are held now. */
  List<OnnxTensor> cacheTensors() {
    return caches.stream().flatMap(cache -> cache.inputs().values().stream()).toList();
  }

  /**
   * Runs what of the prompt no earlier one began with through all stages, at least the last token,
   * and remembers the rest too.
   */
  void prefill(PromptEmbeddings prompt, StageHook interlude, PrefixCache prefixes) {
    if (!prefixes.keeps()) {
      prefill(prompt, interlude);
      return;
    }
    List<String> keys = PrefixKeys.of(prompt);
    List<PrefixBlock> known =
        prefixes.find(
            keys.subList(0, Math.min(keys.size(), (prompt.tokens() - 1) / PrefixBlock.TOKENS)));
    reusedTokens = known.size() * PrefixBlock.TOKENS;
    reusedMillis = known.stream().mapToDouble(PrefixBlock::millis).sum();
    for (int i = 0; i < stages.size() && !known.isEmpty(); i++) {
      caches.set(i, stages.get(i).cacheOf(known)).close();
    }
    long start = System.nanoTime();
    prefill(prompt.of(reusedTokens, prompt.tokens()), interlude);
    double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
    double perToken = millis / (prompt.tokens() - reusedTokens);
    prefixes.keep(keys, withNew(known, keys.size(), prefixes, perToken));
  }

  /** The known blocks and those that were computed, as many as can be kept. */
  private List<PrefixBlock> withNew(
      List<PrefixBlock> known, int count, PrefixCache prefixes, double millisPerToken) {
    long perToken =
        stages.stream().mapToLong(stage -> stage.signature().cacheBytesPerToken()).sum();
    List<Map<String, byte[]>> rows = new ArrayList<>();
    int room = Math.min(count, prefixes.room(perToken * PrefixBlock.TOKENS));
    for (int i = known.size(); i < room; i++) {
      rows.add(new HashMap<>());
    }
    caches.forEach(cache -> cache.copy(known.size(), rows));
    List<PrefixBlock> all = new ArrayList<>(known);
    rows.forEach(of -> all.add(new PrefixBlock(of, millisPerToken * PrefixBlock.TOKENS)));
    return all;
  }

  /** Runs the prompt through all stages, fewer tokens of it after each where it is pruned. */
  void prefill(PromptEmbeddings prompt, StageHook interlude) {
    @Nullable PromptEmbeddings next = prompt;
    tokens = IntStream.range(0, prompt.tokens()).toArray();
    while (next != null) {
      next = runAll(next, interlude);
    }
    for (int i = 0; i < stages.size() && !keeping.doesNothing(); i++) {
      if (exits.run(stages.get(i), LayerExits.PROMPT)) {
        keeping.afterPrefill(stages.get(i), caches.get(i));
        caches.get(i).settle();
      }
    }
  }

  /**
   * Runs a prompt through the first stages and looks where its last token does, at the attention
   * [H, N] to the visual ones. The session is of no use afterwards.
   */
  EvidenceSet glance(PromptEmbeddings prompt, int[] visual, int layers) {
    int[] last = {prompt.tokens() - 1};
    try (OnnxTensor embedded = stages.get(0).hidden(prompt)) {
      OnnxTensor hidden = embedded;
      for (int i = 0; i < stages.size(); i++) {
        DecoderStage stage = stages.get(i);
        int[] queries = stage.endLayer() == layers ? last : NO_QUERIES;
        OrtSession.Result result =
            stage.run(hidden, prompt.positions(), prompt.extras(), queries, caches.get(i));
        hidden = output(i, result);
        if (stage.endLayer() == layers) {
          StageEnd end =
              new StageEnd(
                  stage, result, hidden, queries, prompt.positions(), prompt.nextPosition());
          return new LayerEvidence(end, visual, 0).glance();
        }
      }
    }
    throw new IllegalStateException("the decoder is not cut after %d layers".formatted(layers));
  }

  /** Runs the prompt through stages of one layer each, on the tokens that a router wants. */
  void prefill(PromptEmbeddings prompt, int[] visual, LayerRouter router) {
    routed = new RoutedPass(router, stages, caches);
    logits = routed.prefill(prompt, visual, prefill);
  }

  /** Runs the stages; gives the prompt with which they are to run anew, if so. */
  private @Nullable PromptEmbeddings runAll(PromptEmbeddings prompt, StageHook interlude) {
    PositionIds positions = prompt.positions();
    TokenExtras extras = prompt.extras();
    long next = prompt.nextPosition();
    try (OnnxTensor embedded = stages.get(0).hidden(prompt)) {
      @Nullable OnnxTensor fewer = null;
      OnnxTensor hidden = embedded;
      for (int i = 0; i < stages.size(); i++) {
        DecoderStage stage = stages.get(i);
        if (!exits.run(stage, LayerExits.PROMPT)) {
          continue;
        }
        int count = positions.tokens();
        int[] queries =
            together(interlude.queries(stage.endLayer(), count), keeping.queries(count));
        OrtSession.Result result;
        try {
          result = stage.run(hidden, positions, extras, queries, caches.get(i));
        } finally {
          close(fewer);
          fewer = null;
        }
        prefill.add(new StageRun(stage.firstLayer(), stage.endLayer(), reusedTokens + count));
        hidden = output(i, result);
        nextPositions[i] = next;
        StageEnd end = new StageEnd(stage, result, hidden, queries, positions, next);
        keeping.ended(end, stage.firstLayer(), tokens);
        if (i + 1 < stages.size()) {
          StageInput onward = interlude.between(end);
          tokens = IntStream.of(onward.rows()).map(row -> tokens[row]).toArray();
          if (onward.anew() != null) {
            forget();
            return onward.anew();
          }
          fewer = end.next(onward);
          hidden = fewer == null ? hidden : fewer;
          positions = onward.positions();
          extras = extras.of(onward.rows());
          next = onward.nextPosition();
        }
      }
      takeLogits(hidden);
    }
    return null;
  }

  private static int[] together(int[] some, int[] others) {
    return IntStream.concat(IntStream.of(some), IntStream.of(others)).sorted().distinct().toArray();
  }

  private void forget() {
    for (int i = 0; i < stages.size(); i++) {
      caches.get(i).close();
      caches.set(i, stages.get(i).emptyCache());
    }
  }

  private static void close(@Nullable OnnxTensor tensor) {
    if (tensor != null) {
      tensor.close();
    }
  }

  private OnnxTensor output(int stage, OrtSession.Result result) {
    return (OnnxTensor) result.get(stages.get(stage).signature().output()).orElseThrow();
  }

  private void takeLogits(OnnxTensor output) {
    long[] shape = output.getInfo().getShape();
    int vocabulary = Math.toIntExact(shape[shape.length - 1]);
    FloatBuffer all = output.getFloatBuffer();
    logits = new float[vocabulary];
    all.position(all.limit() - vocabulary).get(logits);
  }

  @Override
  public void close() {
    caches.forEach(StageCache::close);
  }
}
