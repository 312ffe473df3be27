package dev.squint.llm.decoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.evidence.DeepFeatures;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.plan.CacheStep;
import dev.squint.pruner.plan.ExitStep;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.Tap;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The decoder: text embeddings and a chain of stages, the last of which gives logits. Immutable and
 * thread-safe; what belongs to one answer is in {@link DecodingSession}.
 */
public final class StagedDecoder implements AutoCloseable {

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;
  private final boolean countsPositions;
  private @Nullable KeyRotation rotation;

  /**
   * Takes over a decoder that is one stage.
   *
   * @throws IllegalArgumentException if the graph's inputs or outputs are not a decoder's, or the
   *     embeddings are of another size
   */
  public StagedDecoder(TextEmbeddings embeddings, OnnxSession graph) {
    this(embeddings, new DecoderStage(graph));
  }

  private StagedDecoder(TextEmbeddings embeddings, DecoderStage whole) {
    this(embeddings, List.of(whole), whole.signature().positionIds() == null);
  }

  private StagedDecoder(
      TextEmbeddings embeddings, List<DecoderStage> stages, boolean countsPositions) {
    this.embeddings = embeddings;
    this.countsPositions = countsPositions;
    this.stages = stages;
    StageSignature last = stages.get(stages.size() - 1).signature();
    if (!last.output().equals(StageSignature.LOGITS)) {
      throw new IllegalArgumentException("the last stage gives no logits but " + last.output());
    }
    embeddings.requireSize(hiddenSize());
  }

  /**
   * Opens a decoder that is cut into stages.
   *
   * @param embeddings taken over
   * @throws IllegalArgumentException if the stages are not a decoder's, or the embeddings are of
   *     another size
   */
  public static StagedDecoder open(
      TextEmbeddings embeddings, CutGraph cut, SessionSettings settings) {
    List<DecoderStage> stages = new ArrayList<>();
    // Stages run in turn, so what one needs while it runs may be what another needed.
    SessionSettings inTurn = settings.withArena(cut.stages().size() == 1);
    try {
      for (int i = 0; i < cut.stages().size(); i++) {
        OnnxSession graph = OnnxSession.open(cut.file(i), cut.weights(), inTurn);
        stages.add(new DecoderStage(graph, cut.stages().get(i), cut.layers()));
      }
      return new StagedDecoder(embeddings, List.copyOf(stages), cut.countsPositions());
    } catch (RuntimeException e) {
      stages.forEach(DecoderStage::close);
      throw e;
    }
  }

  /** What each stage takes and gives. */
  public List<StageSignature> stages() {
    return stages.stream().map(DecoderStage::signature).toList();
  }

  /** What the decoder takes of the encoder's layers beside its features; nothing for most. */
  public Set<Evidence<?>> deepFeatures() {
    return stages().stream()
        .flatMap(stage -> stage.deep().stream())
        .map(input -> new DeepFeatures(StageSignature.deepLevel(input)))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Whether the package's graph takes no position ids but counts from 0. */
  public boolean countsPositions() {
    return countsPositions;
  }

  /** Size of an embedding, D. */
  public int hiddenSize() {
    return stages.get(0).signature().hiddenSize();
  }

  /** Number of layers that keep keys and values. */
  public int cachedLayers() {
    return stages().stream().mapToInt(StageSignature::cachedLayers).sum();
  }

  /** Bytes that one more token adds to the caches. */
  public long cacheBytesPerToken() {
    return stages().stream().mapToLong(StageSignature::cacheBytesPerToken).sum();
  }

  /** Whether tokens can stand elsewhere than one behind the other: every stage takes positions. */
  public boolean takesPositions() {
    return stages().stream().allMatch(stage -> stage.positionIds() != null);
  }

  private int endLayer() {
    return stages.get(stages.size() - 1).endLayer();
  }

  /**
   * How the decoder turns keys by their positions; measured when it is first asked for.
   *
   * @throws IllegalArgumentException if it takes no positions, or turns keys otherwise
   */
  synchronized KeyRotation keyRotation() {
    if (rotation == null) {
      rotation = KeyRotation.of(this);
    }
    return rotation;
  }

  /**
   * Makes sure that keys in the cache can be brought to other positions.
   *
   * @throws IllegalArgumentException saying why not
   */
  public void requireMovableKeys() {
    keyRotation();
  }

  /** The table of text embeddings. */
  public TextEmbeddings embeddings() {
    return embeddings;
  }

  /**
   * Runs a prompt through all stages; the session then holds the logits of the first token.
   *
   * @return one answer's caches and positions, to be closed by the caller
   * @throws IllegalArgumentException if the embeddings have another size than the decoder's
   */
  public DecodingSession prefill(PromptEmbeddings prompt) {
    return prefill(prompt, StageInput::everything);
  }

  /**
   * Runs a prompt through all stages, and asks after each but the last which tokens go on. The
   * session then holds the logits of the first token.
   *
   * @param interlude decides between the stages
   * @return one answer's caches and positions, to be closed by the caller
   * @throws IllegalArgumentException if the embeddings have another size than the decoder's
   */
  public DecodingSession prefill(PromptEmbeddings prompt, StageHook interlude) {
    return prefill(prompt, interlude, List.of(), new boolean[prompt.tokens()], null);
  }

  /**
   * The same with a cache that loses rows or precision, and layers that later tokens pass by.
   *
   * @param steps what happens to the cache after prefill and while decoding
   * @param visual which tokens of the prompt are visual ones, [S]
   * @param exits which layers a token passes through, the decoder being cut where that changes;
   *     null for all
   */
  public DecodingSession prefill(
      PromptEmbeddings prompt,
      StageHook interlude,
      List<CacheStep> steps,
      boolean[] visual,
      @Nullable ExitStep exits) {
    checkSize(prompt);
    DecodingSession session =
        new DecodingSession(
            embeddings,
            stages,
            new CachePolicyRunner(steps, visual, this::keyRotation),
            new LayerExits(exits == null ? null : exits.schedule(), endLayer()));
    try {
      session.prefill(prompt, interlude);
      return session;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /**
   * The same with all rows of the cache as they are, and with keys and values of an earlier prompt
   * for what this one begins with.
   *
   * @param prefixes made for this decoder
   */
  public DecodingSession prefill(
      PromptEmbeddings prompt, StageHook interlude, PrefixCache prefixes) {
    checkSize(prompt);
    DecodingSession session = plain(prompt);
    try {
      session.prefill(prompt, interlude, prefixes);
      return session;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /**
   * Runs a prompt through the first layers alone and looks where its last token does. The decoder
   * must be cut after these layers, with {@link LayerEvidence#glanceTaps}.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   * @return {@link LastQueryAttention} [H, N], with what it took
   */
  public EvidenceSet glance(PromptEmbeddings prompt, int[] visual, int layers) {
    checkSize(prompt);
    try (DecodingSession session = plain(prompt)) {
      return session.glance(prompt, visual, layers);
    }
  }

  /** A session that keeps all rows and passes no layer by. */
  private DecodingSession plain(PromptEmbeddings prompt) {
    return new DecodingSession(
        embeddings,
        stages,
        new CachePolicyRunner(List.of(), new boolean[prompt.tokens()], this::keyRotation),
        new LayerExits(null, endLayer()));
  }

  private void checkSize(PromptEmbeddings prompt) {
    if (prompt.size() != hiddenSize()) {
      throw new IllegalArgumentException(
          "the prompt has embeddings of %d values but the decoder takes %d"
              .formatted(prompt.size(), hiddenSize()));
    }
  }

  /**
   * Runs a prompt with every layer on the tokens that a router wants. The decoder must be cut after
   * every layer, and show what {@link #routedPlan} says.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   * @return one answer's caches, to be closed by the caller
   * @throws IllegalArgumentException if the embeddings have another size than the decoder's
   */
  public DecodingSession prefill(PromptEmbeddings prompt, int[] visual, LayerRouter router) {
    checkSize(prompt);
    DecodingSession session = plain(prompt);
    try {
      session.prefill(prompt, visual, router);
      return session;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** How a decoder of so many layers is cut for a router. */
  public static CutPlan routedPlan(int layers) {
    Set<Tap> taps = new LinkedHashSet<>();
    IntStream.range(0, layers - 1).forEach(layer -> taps.add(Tap.attended(layer)));
    return new CutPlan(IntStream.range(0, layers - 1).boxed().toList(), taps);
  }

  /** Frees the stages but not the embeddings, which another decoder goes on with. */
  public void closeStages() {
    stages.forEach(DecoderStage::close);
  }

  @Override
  public void close() {
    embeddings.close();
    closeStages();
  }
}
