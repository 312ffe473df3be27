package dev.squint.llm.decoder;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one stage of a decoder takes and gives, read from its graph's metadata.
 *
 * @param hidden input of embeddings or hidden states, [1, S, D]
 * @param hiddenSize D
 * @param attentionMask input of the mask, [1, past + S]
 * @param positionIds input of positions, [1, S]; null where the graph counts by itself
 * @param logitsToKeep input that says for how many last tokens logits are wanted; null where the
 *     graph gives all
 * @param useCacheBranch input of older merged graphs that chooses the branch; null otherwise
 * @param cache the cache tensors, in the order of the graph's inputs
 * @param output logits, or hidden states for the next stage
 */
public record StageSignature(
    String hidden,
    int hiddenSize,
    String attentionMask,
    @Nullable String positionIds,
    @Nullable String logitsToKeep,
    @Nullable String useCacheBranch,
    List<CacheSlot> cache,
    String output) {

  private static final String HIDDEN = "inputs_embeds";
  private static final String MASK = "attention_mask";
  private static final String POSITIONS = "position_ids";
  private static final String LOGITS_TO_KEEP = "num_logits_to_keep";
  private static final String CACHE_BRANCH = "use_cache_branch";
  private static final String LOGITS = "logits";

  public StageSignature {
    cache = List.copyOf(cache);
  }

  /**
   * Reads the signature of a whole decoder.
   *
   * @throws IllegalArgumentException if the graph needs inputs that Squint does not know, or lacks
   *     one that it cannot do without; the message lists them
   */
  static StageSignature read(Map<String, NodeInfo> inputs, Map<String, NodeInfo> outputs) {
    List<CacheSlot> cache = new ArrayList<>();
    Set<String> unknown = new TreeSet<>(inputs.keySet());
    unknown.removeAll(Set.of(HIDDEN, MASK, POSITIONS, LOGITS_TO_KEEP, CACHE_BRANCH));
    Set<String> other = new HashSet<>(outputs.keySet());
    for (Map.Entry<String, NodeInfo> input : inputs.entrySet()) {
      String name = input.getKey();
      @Nullable String present = present(name);
      if (present != null) {
        if (!other.remove(present)) {
          throw new IllegalArgumentException(
              "takes the cache '%s' but gives no '%s'".formatted(name, present));
        }
        cache.add(slot(name, present, tensor(name, input.getValue())));
        unknown.remove(name);
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("needs inputs that Squint does not know: " + unknown);
    }
    for (String needed : List.of(HIDDEN, MASK)) {
      if (!inputs.containsKey(needed)) {
        throw new IllegalArgumentException(
            "has no input '%s'; it takes %s".formatted(needed, inputs.keySet()));
      }
    }
    if (!other.contains(LOGITS)) {
      throw new IllegalArgumentException("gives no '%s' but %s".formatted(LOGITS, other));
    }
    if (cache.isEmpty()) {
      throw new IllegalArgumentException("has no cache inputs past_key_values.0.key, ...");
    }
    int positionRank = rank(inputs, POSITIONS);
    if (positionRank > 2) {
      throw new IllegalArgumentException(
          "wants '%s' of rank %d (one for time, height and width each); Squint gives rank 2"
              .formatted(POSITIONS, positionRank));
    }
    return new StageSignature(
        HIDDEN,
        lastDimension(inputs, HIDDEN),
        MASK,
        inputs.containsKey(POSITIONS) ? POSITIONS : null,
        inputs.containsKey(LOGITS_TO_KEEP) ? LOGITS_TO_KEEP : null,
        inputs.containsKey(CACHE_BRANCH) ? CACHE_BRANCH : null,
        cache,
        LOGITS);
  }

  /** Number of layers whose keys and values are cached. */
  public int cachedLayers() {
    return (int) cache.stream().filter(slot -> slot.past().endsWith(".key")).count();
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

  private static CacheSlot slot(String past, String present, TensorInfo info) {
    List<Long> shape = new ArrayList<>();
    long[] dimensions = info.getShape();
    for (int i = 0; i < dimensions.length; i++) {
      shape.add(dimensions[i] >= 0 ? dimensions[i] : i == 0 ? 1L : 0L);
    }
    if (info.type != OnnxJavaType.FLOAT && info.type != OnnxJavaType.FLOAT16) {
      throw new IllegalArgumentException(
          "has a cache '%s' of %s; Squint feeds back float and float16".formatted(past, info.type));
    }
    return new CacheSlot(past, present, info.type, shape);
  }

  private static TensorInfo tensor(String name, NodeInfo node) {
    if (node.getInfo() instanceof TensorInfo info) {
      return info;
    }
    throw new IllegalArgumentException("has an input '%s' that is no tensor".formatted(name));
  }

  private static int rank(Map<String, NodeInfo> inputs, String name) {
    NodeInfo node = inputs.get(name);
    return node == null ? 0 : tensor(name, node).getShape().length;
  }

  private static int lastDimension(Map<String, NodeInfo> inputs, String name) {
    NodeInfo node = inputs.get(name);
    long[] shape = node == null ? new long[0] : tensor(name, node).getShape();
    if (shape.length != 3 || shape[2] < 1) {
      throw new IllegalArgumentException(
          "has an input '%s' that is not [batch, tokens, size]".formatted(name));
    }
    return Math.toIntExact(shape[2]);
  }
}
