package dev.squint.llm.decoder.stage;

import ai.onnxruntime.OnnxJavaType;
import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.input.LayerInputs;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.Placement;
import dev.squint.vision.onnx.TensorSpec;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Inputs and outputs of one stage of a decoder, read from its graph's metadata.
 *
 * @param hiddenSize D
 * @param positionAxes A: 1, or 3 where time, height and width are counted apart (M-RoPE)
 * @param tokens inputs that have a value for each token
 * @param switches inputs that say what to compute
 * @param cache the cache tensors, in the order of the graph's inputs
 * @param output logits, or hidden states for the next stage
 * @param placement where the stage is computed
 */
public record StageSignature(
    int hiddenSize,
    int positionAxes,
    TokenInputs tokens,
    Switches switches,
    List<CacheSlot> cache,
    String output,
    Placement placement) {

  /**
   * Names of the inputs that have a value for each token.
   *
   * @param hidden embeddings or hidden states, [B, S, D]
   * @param attentionMask the mask, [B, past + S]; null where the graph sees all cached tokens
   * @param positionIds positions, [B, S] or [A, B, S]; null where the graph counts by itself
   * @param types which tokens are visual, [B, S]; null where there is none
   * @param deep what is added to hidden states after the first layers, [B, S, D] each
   * @param ofLayers what each layer takes by itself
   */
  public record TokenInputs(
      String hidden,
      @Nullable String attentionMask,
      @Nullable String positionIds,
      @Nullable String types,
      List<String> deep,
      OfLayers ofLayers) {

    public TokenInputs {
      deep = List.copyOf(deep);
    }
  }

  /**
   * Names of the inputs from which each layer takes something for a token; null where the graph has
   * none.
   *
   * @param given what the token's id gives, [B, S, L, P]
   * @param embeddings of the tokens, for stages after the first, [B, S, D]
   */
  public record OfLayers(@Nullable String given, @Nullable String embeddings) {}

  /**
   * Names of the inputs that say what to compute; null where the graph has none.
   *
   * @param logitsToKeep for how many last tokens logits are computed; without it, for all
   * @param cacheBranch chooses the branch of older merged graphs
   * @param tapRows which tokens' rows the taps return
   * @param pairs which tokens attend to which, [B, 1, S, T]
   */
  public record Switches(
      @Nullable String logitsToKeep,
      @Nullable String cacheBranch,
      @Nullable String tapRows,
      @Nullable String pairs) {}

  private static final String HIDDEN = "inputs_embeds";
  private static final String MASK = "attention_mask";
  private static final String POSITIONS = "position_ids";
  private static final String TYPES = "token_type_ids";
  private static final String DEEP = "deepstack_features_";

  /** What the encoder of an encoder-decoder gives, [B, S, D]. */
  public static final String ENCODED = "encoder_hidden_states";

  /** Which tokens of it count, [B, S]. */
  public static final String ENCODED_MASK = "encoder_attention_mask";

  private static final String LOGITS_TO_KEEP = "num_logits_to_keep";
  private static final String CACHE_BRANCH = "use_cache_branch";
  private static final int MROPE_AXES = 3;

  private static final Pattern ANGLES = Pattern.compile("(?i)(.*[._])?(cos|sin)([._].*)?");

  /** The output of the last stage. */
  public static final String LOGITS = "logits";

  private static final String HIDDEN_STATES = GraphKind.DECODER.stageOutput();
  private static final List<String> WITHOUT_CACHE =
      List.of(
          HIDDEN,
          MASK,
          POSITIONS,
          TYPES,
          LayerInputs.NAME,
          GraphRewriter.TOKEN_EMBEDDINGS,
          LOGITS_TO_KEEP,
          CACHE_BRANCH,
          GraphRewriter.TAP_ROWS,
          GraphRewriter.PAIRS);

  public StageSignature {
    cache = List.copyOf(cache);
  }

  /** Whose number in the encoder's output such an input takes. */
  public static int deepLevel(String input) {
    return Integer.parseInt(input.substring(DEEP.length()));
  }

  /**
   * Reads the signature of a whole decoder or a stage.
   *
   * @throws IllegalArgumentException if the graph needs inputs that Squint does not know, or lacks
   *     one that it cannot do without; the message lists them
   */
  static StageSignature read(OnnxSession graph) {
    List<CacheSlot> cache = new ArrayList<>();
    Set<String> known = new LinkedHashSet<>(WITHOUT_CACHE);
    for (TensorSpec input : graph.inputs().values()) {
      @Nullable String present = present(input.name());
      if (present != null) {
        require(
            graph,
            graph.outputs().containsKey(present),
            "takes the cache '%s' but does not return '%s'".formatted(input.name(), present));
        cache.add(slot(graph, input, present));
        known.add(input.name());
      }
    }
    List<String> deep =
        graph.inputs().keySet().stream().filter(name -> name.matches(DEEP + "\\d+")).toList();
    known.addAll(deep);
    boolean readsEncoder = graph.inputs().containsKey(ENCODED);
    if (readsEncoder) {
      known.addAll(List.of(ENCODED, ENCODED_MASK));
    }
    refuseAngles(graph);
    graph.requireInputsAmong(known);
    TensorSpec hidden = input(graph, HIDDEN);
    require(
        graph,
        hidden.rank() == 3 && hidden.fixed(2).isPresent(),
        "takes %s; Squint passes [batch, tokens, size]".formatted(hidden));
    checkLayerInputs(graph);
    String output = graph.outputs().containsKey(HIDDEN_STATES) ? HIDDEN_STATES : LOGITS;
    require(
        graph,
        graph.outputs().containsKey(output),
        "does not return '%s'; it returns %s".formatted(LOGITS, graph.outputs().keySet()));
    require(graph, !cache.isEmpty(), "has no cache inputs past_key_values.0.key, ...");
    TensorSpec positions = graph.inputs().get(POSITIONS);
    require(
        graph,
        positions == null
            || positions.rank() == 2
            || (positions.rank() == 3 && positions.fixed(0).orElse(MROPE_AXES) == MROPE_AXES),
        "takes %s; Squint passes [batch, tokens] or [3, batch, tokens]".formatted(positions));
    return new StageSignature(
        Math.toIntExact(hidden.fixed(2).orElseThrow()),
        positions != null && positions.rank() == 3 ? MROPE_AXES : 1,
        new TokenInputs(
            hidden.name(),
            ifTaken(graph, MASK),
            positions == null ? null : POSITIONS,
            ifTaken(graph, TYPES),
            deep,
            new OfLayers(
                ifTaken(graph, LayerInputs.NAME), ifTaken(graph, GraphRewriter.TOKEN_EMBEDDINGS))),
        switches(graph),
        cache,
        output,
        graph.placement());
  }

  private static Switches switches(OnnxSession graph) {
    return new Switches(
        ifTaken(graph, LOGITS_TO_KEEP),
        ifTaken(graph, CACHE_BRANCH),
        ifTaken(graph, GraphRewriter.TAP_ROWS),
        ifTaken(graph, GraphRewriter.PAIRS));
  }

  private static void checkLayerInputs(OnnxSession graph) {
    TensorSpec taken = graph.inputs().get(LayerInputs.NAME);
    require(
        graph,
        taken == null
            || (taken.rank() == 4 && taken.fixed(2).isPresent() && taken.fixed(3).isPresent()),
        "takes %s; Squint passes [batch, tokens, layers, size]".formatted(taken));
  }

  /** Where a token stands is known as a position, not as the angles that a graph makes of it. */
  private static void refuseAngles(OnnxSession graph) {
    List<String> angles =
        graph.inputs().keySet().stream().filter(name -> ANGLES.matcher(name).matches()).toList();
    require(
        graph,
        angles.isEmpty(),
        "takes cosines and sines of the positions as inputs (%s), but Squint gives position_ids; export the decoder so that it computes them itself"
            .formatted(String.join(", ", angles)));
  }

  private static @Nullable String ifTaken(OnnxSession graph, String input) {
    return graph.inputs().containsKey(input) ? input : null;
  }

  /** Whether the graph takes positions, so that they can have gaps. */
  public boolean takesPositions() {
    return tokens.positionIds() != null;
  }

  /** Whether the graph attends to what the encoder of an encoder-decoder gives. */
  public boolean readsEncoder() {
    return cache.stream().anyMatch(CacheSlot::ofEncoder);
  }

  /** Number of layers whose keys and values are cached. */
  public int cachedLayers() {
    return (int)
        cache.stream().filter(slot -> slot.past().endsWith(".key") && !slot.ofEncoder()).count();
  }

  /** Bytes that one more token adds to the cache. */
  public long cacheBytesPerToken() {
    return cache.stream().mapToLong(CacheSlot::bytesPerToken).sum();
  }

  // past_key_values.3.key becomes present.3.key; hybrids have past_conv.3 and present_conv.3.
  private static @Nullable String present(String past) {
    if (past.startsWith("past_key_values.")) {
      return "present" + past.substring("past_key_values".length());
    }
    return past.startsWith("past_") ? "present_" + past.substring("past_".length()) : null;
  }

  private static CacheSlot slot(OnnxSession graph, TensorSpec past, String present) {
    require(
        graph,
        past.type() == OnnxJavaType.FLOAT || past.type() == OnnxJavaType.FLOAT16,
        "has a cache %s; Squint feeds back FLOAT and FLOAT16".formatted(past));
    List<Long> shape = new ArrayList<>();
    for (TensorSpec.Axis axis : past.axes()) {
      shape.add(axis.isFixed() ? axis.size() : shape.isEmpty() ? 1L : 0L);
    }
    return new CacheSlot(past.name(), present, past.type(), shape);
  }

  private static TensorSpec input(OnnxSession graph, String name) {
    TensorSpec input = graph.inputs().get(name);
    if (input == null) {
      throw new IllegalArgumentException(
          "%s has no input '%s'; it takes %s"
              .formatted(graph.name(), name, graph.inputs().keySet()));
    }
    return input;
  }

  private static void require(OnnxSession graph, boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(graph.name() + " " + otherwise);
    }
  }
}
