package dev.squint.llm.decoder;

import dev.squint.llm.decoder.batch.Batching;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.policy.CachePolicies;
import dev.squint.llm.decoder.policy.KeyRotation;
import dev.squint.llm.decoder.prefix.PrefixCache;
import dev.squint.llm.decoder.prefix.PrefixReuse;
import dev.squint.llm.decoder.prefix.SightProbe;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.session.DensePrefill;
import dev.squint.llm.decoder.session.Glance;
import dev.squint.llm.decoder.session.LayerExits;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.PromptEncoder;
import dev.squint.llm.decoder.session.PromptRun;
import dev.squint.llm.decoder.session.RoutedSession;
import dev.squint.llm.decoder.session.SequenceRow;
import dev.squint.llm.decoder.stage.CutStages;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.decoder.stage.StageSignature;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.DeepFeatures;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.plan.ExitStep;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CacheInPlace;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The decoder: text embeddings and a chain of stages, the last of which returns logits. Immutable
 * and thread-safe; what belongs to one sequence is in {@link DecodingSession}.
 */
public final class StagedDecoder implements AutoCloseable {

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;
  private final Batching batching;
  private final boolean countsPositions;
  private final @Nullable PromptEncoder encoder;
  private @Nullable KeyRotation rotation;

  /**
   * Takes ownership of a decoder that is one stage. Each step copies the cache; see {@link
   * #open(TextEmbeddings, Path, SessionSettings)}.
   *
   * @throws IllegalArgumentException if the graph's inputs or outputs are not a decoder's, or the
   *     embeddings are of another size
   */
  public StagedDecoder(TextEmbeddings embeddings, OnnxSession graph) {
    this(embeddings, new DecoderStage(graph, false), Sharing.none());
  }

  private StagedDecoder(TextEmbeddings embeddings, DecoderStage whole, Sharing sharing) {
    this(embeddings, List.of(whole), !whole.signature().takesPositions(), sharing, null);
  }

  private StagedDecoder(
      TextEmbeddings embeddings,
      List<DecoderStage> stages,
      boolean countsPositions,
      Sharing sharing,
      @Nullable PromptEncoder encoder) {
    this.encoder = encoder;
    this.embeddings = embeddings;
    this.countsPositions = countsPositions;
    this.stages = stages;
    this.batching = new Batching(sharing, embeddings, stages);
    StageSignature last = stages.get(stages.size() - 1).signature();
    if (!last.output().equals(StageSignature.LOGITS)) {
      throw new IllegalArgumentException(
          "the last stage must return 'logits' but returns " + last.output());
    }
    boolean readsEncoder = stages.get(0).signature().readsEncoder();
    if (readsEncoder != (encoder != null)) {
      throw new IllegalArgumentException(
          readsEncoder
              ? "the decoder reads what an encoder gives of the prompt, but config.json does not have is_encoder_decoder true"
              : "config.json has is_encoder_decoder true, but the decoder takes no encoder_hidden_states with a cache past_key_values.0.encoder.key");
    }
    embeddings.requireSize(hiddenSize());
    if (stages.stream().anyMatch(stage -> stage.signature().tokens().ofLayers().given() != null)) {
      embeddings.requireLayerInputs();
    }
  }

  /**
   * Opens a decoder that is one stage.
   *
   * @param embeddings takes ownership
   * @throws IllegalArgumentException if the graph's inputs or outputs are not a decoder's, or the
   *     embeddings are of another size
   */
  public static StagedDecoder open(
      TextEmbeddings embeddings, Path graph, SessionSettings settings) {
    return open(embeddings, graph, settings, Sharing.none());
  }

  /**
   * Opens a decoder that is one stage, for requests that share it.
   *
   * @param embeddings takes ownership
   * @throws IllegalArgumentException if the graph's inputs or outputs are not a decoder's, or the
   *     embeddings are of another size
   */
  public static StagedDecoder open(
      TextEmbeddings embeddings, Path graph, SessionSettings settings, Sharing sharing) {
    return OnnxSession.open(graph, settings)
        .owned(
            it ->
                new StagedDecoder(
                    embeddings, new DecoderStage(it, CacheInPlace.isPossible(graph)), sharing));
  }

  /**
   * Opens the decoder of an encoder-decoder.
   *
   * @param embeddings takes ownership
   * @param encoder takes ownership
   * @throws IllegalArgumentException if the graph's inputs or outputs are not such a decoder's, or
   *     the embeddings are of another size
   */
  public static StagedDecoder open(
      TextEmbeddings embeddings,
      PromptEncoder encoder,
      Path graph,
      SessionSettings settings,
      Sharing sharing) {
    return OnnxSession.open(graph, settings)
        .owned(
            it ->
                new StagedDecoder(
                    embeddings, List.of(new DecoderStage(it, false)), true, sharing, encoder));
  }

  /**
   * Opens a decoder that is cut into stages.
   *
   * @param embeddings takes ownership
   * @throws IllegalArgumentException if the stages are not a decoder's, or the embeddings are of
   *     another size
   */
  public static StagedDecoder open(
      TextEmbeddings embeddings, CutGraph cut, SessionSettings settings) {
    return open(embeddings, cut, settings, Sharing.none());
  }

  /**
   * Opens a decoder that is cut into stages, for requests that share it.
   *
   * @param embeddings takes ownership
   * @throws IllegalArgumentException if the stages are not a decoder's, or the embeddings are of
   *     another size
   */
  public static StagedDecoder open(
      TextEmbeddings embeddings, CutGraph cut, SessionSettings settings, Sharing sharing) {
    List<DecoderStage> stages = CutStages.open(cut, settings);
    try {
      return new StagedDecoder(embeddings, stages, cut.countsPositions(), sharing, null);
    } catch (RuntimeException e) {
      stages.forEach(DecoderStage::close);
      throw e;
    }
  }

  /** Inputs and outputs of each stage. */
  public List<StageSignature> stages() {
    return stages.stream().map(DecoderStage::signature).toList();
  }

  /**
   * Features of encoder layers that the decoder takes in addition to those of the last layer; none
   * for most.
   */
  public Set<Evidence<?>> deepFeatures() {
    return stages().stream()
        .flatMap(stage -> stage.tokens().deep().stream())
        .map(input -> new DeepFeatures(StageSignature.deepLevel(input)))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Whether the package's graph takes no position ids and counts from 0 by itself. */
  public boolean countsPositions() {
    return countsPositions;
  }

  /**
   * The token with which the decoder of an encoder-decoder begins every answer; empty for others,
   * which begin with the prompt.
   */
  public OptionalLong start() {
    return encoder == null ? OptionalLong.empty() : OptionalLong.of(encoder.start());
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

  /** Whether tokens can have positions with gaps: every stage takes position ids. */
  public boolean takesPositions() {
    return stages().stream().allMatch(StageSignature::takesPositions);
  }

  private int endLayer() {
    return stages.get(stages.size() - 1).endLayer();
  }

  /**
   * How the decoder applies RoPE to keys; measured on first use.
   *
   * @throws IllegalArgumentException if it takes no positions, or rotates keys in another way
   */
  public synchronized KeyRotation keyRotation() {
    if (rotation == null) {
      rotation = KeyRotation.of(stages(), this::keys);
    }
    return rotation;
  }

  /**
   * Checks that gaps between positions change nothing but distances. Only a decoder without an
   * attention mask may see tokens by their positions.
   *
   * @throws IllegalArgumentException if it does
   */
  public void requireSightByOrder() {
    boolean masked = stages().stream().allMatch(stage -> stage.tokens().attentionMask() != null);
    if (!masked && !SightProbe.isByOrder(embeddings, stages)) {
      throw new IllegalArgumentException(
          "the decoder takes no attention_mask and its tokens see all at lower positions, so where tokens were dropped they would see later ones; use a plan that ends at 'encoder' without 'in-place', or export the decoder with attention_mask");
    }
  }

  /** The table of text embeddings. */
  public TextEmbeddings embeddings() {
    return embeddings;
  }

  /**
   * Runs a prompt; the session then holds the logits of the first token.
   *
   * @return one sequence's caches and positions, to be closed by the caller
   * @throws IllegalArgumentException if the embeddings have another size than the decoder's
   */
  public DecodingSession prefill(PrefillRequest request) {
    PromptEmbeddings prompt = request.prompt();
    checkSize(prompt);
    PromptEncoder reader = encoder;
    if (reader != null) {
      return batching.alone(() -> reader.session(prompt, embeddings, stages));
    }
    LayerRouter router = request.router();
    if (router != null) {
      var steps = new RoutedSession.Steps(router, request.hook(), policies(request));
      return batching.alone(
          () -> RoutedSession.prefill(embeddings, stages, prompt, request.visual(), steps));
    }
    ExitStep step = request.exits();
    LayerExits exits = new LayerExits(step == null ? null : step.schedule(), endLayer());
    PromptRun run =
        request.keepsAllRows() && !request.hook().readsPrompt()
            ? batching.prompts(request.decoding())
            : batching.inOneTurn(
                new DensePrefill(stages, request.hook(), policies(request), exits));
    PrefixCache prefixes = request.prefixes();
    Prefilled prefilled =
        prefixes != null && prefixes.keeps()
            ? new PrefixReuse(prefixes, stages).run(prompt, run)
            : run.run(prompt, StageCaches.empty(stages));
    SequenceRow row = new SequenceRow(prefilled.nextPositions(), prefilled.policies(), exits);
    return batching.session(row, prefilled, request.keepsAllRows(), request.decoding());
  }

  private CachePolicies policies(PrefillRequest request) {
    return new CachePolicies(
        request.cache(), request.visual(), request.prompt().tokens(), this::keyRotation);
  }

  /**
   * What answers should say about being decoded together with others; empty if nothing, or if that
   * is not known yet.
   */
  public Optional<String> batchNote() {
    return batching.note();
  }

  /** Why this decoder cannot run drafts of tokens; empty if it can. Tried once, when needed. */
  public Optional<String> draftObstacle() {
    return encoder == null ? batching.draftObstacle() : Optional.of("it reads an encoder's output");
  }

  /**
   * An empty cache of prompts for this decoder.
   *
   * @param maxBytes of keys and values that are kept; 0 keeps nothing
   */
  public PrefixCache prefixCache(long maxBytes) {
    return PrefixCache.of(embeddings, stages, maxBytes);
  }

  /** Keys that each layer computes for a prompt, for each key head [N, d]. */
  private List<List<Matrix>> keys(PromptEmbeddings prompt) {
    try (Prefilled prefilled = DensePrefill.plain(stages).run(prompt, StageCaches.empty(stages))) {
      List<List<Matrix>> keys = new ArrayList<>();
      for (int i = 0; i < stages.size(); i++) {
        for (int layer = stages.get(i).firstLayer(); layer < stages.get(i).endLayer(); layer++) {
          keys.add(prefilled.caches().get(i).rows(layer).keys());
        }
      }
      return keys;
    }
  }

  /**
   * Runs a prompt through the first layers alone and reads what its last token attends to. The
   * decoder must be cut after these layers, with {@link
   * dev.squint.llm.decoder.evidence.LayerEvidence#glanceTaps}.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   * @return {@link LastQueryAttention} [H, N], with its operations
   * @throws IllegalArgumentException if the embeddings have another size than the decoder's, or it
   *     is not cut after these layers
   */
  public EvidenceSet glance(PromptEmbeddings prompt, int[] visual, int layers) {
    checkSize(prompt);
    return Glance.run(stages, prompt, visual, layers);
  }

  private void checkSize(PromptEmbeddings prompt) {
    if (prompt.size() != hiddenSize()) {
      throw new IllegalArgumentException(
          "the prompt has embeddings of %d values but the decoder takes %d"
              .formatted(prompt.size(), hiddenSize()));
    }
  }

  /** How a decoder with this number of layers is cut for a router. */
  public static CutPlan routedPlan(int layers) {
    Set<Tap> taps = new LinkedHashSet<>();
    IntStream.range(0, layers - 1).forEach(layer -> taps.add(Tap.attended(layer)));
    return new CutPlan(IntStream.range(0, layers - 1).boxed().toList(), taps);
  }

  /** Frees the stages but not the embeddings, which another decoder keeps using. */
  public void closeStages() {
    batching.close();
    stages.forEach(DecoderStage::close);
  }

  @Override
  public void close() {
    embeddings.close();
    closeStages();
    if (encoder != null) {
      encoder.close();
    }
  }
}
