package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.Matrix;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.graph.LayerInfo;
import dev.squint.vision.onnx.graph.StageGraph;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A run of decoder layers as one graph. Immutable and thread-safe; the caches are the caller's. */
final class DecoderStage implements AutoCloseable {

  private final OnnxSession graph;
  private final StageSignature signature;
  private final int firstLayer;
  private final int endLayer;
  private final List<Tap> taps;
  private final List<LayerInfo> layers;
  private final Set<String> outputs = new LinkedHashSet<>();
  private final Set<String> outputsAndTaps = new LinkedHashSet<>();

  /** Takes over the graph of a whole decoder. */
  DecoderStage(OnnxSession graph) {
    this(graph, 0, -1, List.of(), List.of());
  }

  /**
   * Takes over the graph of a stage.
   *
   * @param stage which layers it has, and what it shows beside hidden states and cache
   * @param layers what is said of all layers of the decoder
   */
  DecoderStage(OnnxSession graph, StageGraph stage, List<LayerInfo> layers) {
    this(graph, stage.firstLayer(), stage.endLayer(), stage.taps(), layers);
  }

  private DecoderStage(
      OnnxSession graph, int firstLayer, int endLayer, List<Tap> taps, List<LayerInfo> layers) {
    this.graph = graph;
    this.taps = List.copyOf(taps);
    this.layers = List.copyOf(layers);
    this.signature = StageSignature.read(graph);
    this.firstLayer = firstLayer;
    this.endLayer = endLayer < 0 ? signature.cachedLayers() : endLayer;
    outputs.add(signature.output());
    signature.cache().forEach(slot -> outputs.add(slot.present()));
    outputsAndTaps.addAll(outputs);
    taps.forEach(tap -> outputsAndTaps.add(tap.output()));
  }

  int firstLayer() {
    return firstLayer;
  }

  int endLayer() {
    return endLayer;
  }

  StageSignature signature() {
    return signature;
  }

  List<Tap> taps() {
    return taps;
  }

  LayerInfo layer(int layer) {
    return layers.get(layer);
  }

  /**
   * Attention of a token that was just decoded to all rows of a layer's cache, its own last, summed
   * over the query heads of a key head, [key heads, N].
   *
   * @param result of the step, with taps
   * @param keys of the layer, one matrix [N, d] a key head
   */
  Matrix attentionOfNewToken(OrtSession.Result result, int layer, List<Matrix> keys) {
    OnnxTensor queries = (OnnxTensor) result.get(Tap.queries(layer).output()).orElseThrow();
    Tap mask = Tap.mask(layer);
    List<Matrix> masks =
        taps.contains(mask)
            ? Tensors.heads((OnnxTensor) result.get(mask.output()).orElseThrow())
            : List.of();
    int[] last = {keys.get(0).rows() - 1};
    return TapAttention.received(
        Tensors.heads(queries), last, keys, new AttentionVisibility(layer(layer), masks));
  }

  StageCache emptyCache() {
    Map<String, OnnxTensor> past = new LinkedHashMap<>();
    for (CacheSlot slot : signature.cache()) {
      long[] shape = slot.emptyShape().stream().mapToLong(Long::longValue).toArray();
      long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      ByteBuffer zeros =
          ByteBuffer.allocateDirect(Math.toIntExact(elements * slot.type().size))
              .order(ByteOrder.nativeOrder());
      past.put(slot.past(), tensor(zeros, slot.type(), shape));
    }
    return new StageCache(signature, past, 0);
  }

  /** A cache that holds these blocks, one behind the other. */
  StageCache cacheOf(List<PrefixBlock> blocks) {
    int tokens = blocks.size() * PrefixBlock.TOKENS;
    Map<String, OnnxTensor> past = new LinkedHashMap<>();
    for (CacheSlot slot : signature.cache()) {
      ByteBuffer rows = PrefixBlock.joined(slot, blocks);
      past.put(slot.past(), tensor(rows, slot.type(), slot.shape(tokens)));
    }
    return new StageCache(signature, past, tokens);
  }

  /** The embeddings of a prompt as this stage's input, [1, S, D]; the caller closes it. */
  OnnxTensor hidden(PromptEmbeddings prompt) {
    return graph.floats(
        signature.hidden(), prompt.values().duplicate(), 1, prompt.tokens(), prompt.size());
  }

  /**
   * Embeddings as this stage takes them, floats or halves, [1, S, D], to be closed by the caller;
   * null if they already are.
   */
  @Nullable OnnxTensor converted(OnnxTensor embeddings) {
    return graph.converted(signature.hidden(), embeddings);
  }

  /**
   * Runs the layers on new tokens and puts their keys and values into the cache.
   *
   * @param hidden embeddings or hidden states, [1, S, D]
   * @param positions position ids, [A, S]
   * @param extras what the graph may want beside, of each new token
   * @param queries rows of the new tokens that the taps show; none for a step that needs no taps
   * @return logits [1, S or 1, V] or hidden states [1, S, D], and the taps; lives until the next
   *     step
   */
  OrtSession.Result run(
      OnnxTensor hidden,
      PositionIds positions,
      TokenExtras extras,
      int[] queries,
      StageCache cache) {
    int tokens = positions.tokens();
    int length = cache.length() + tokens;
    Map<String, OnnxTensor> inputs = new HashMap<>(cache.inputs());
    inputs.put(signature.hidden(), hidden);
    List<OnnxTensor> own = new ArrayList<>();
    try {
      own.add(
          put(inputs, signature.attentionMask(), graph.ones(signature.attentionMask(), 1, length)));
      if (signature.positionIds() != null) {
        own.add(put(inputs, signature.positionIds(), positionIds(positions)));
      }
      if (signature.tokenTypes() != null) {
        own.add(
            put(
                inputs,
                signature.tokenTypes(),
                graph.longs(signature.tokenTypes(), extras.types(), 1, tokens)));
      }
      for (int level = 0; level < signature.deep().size(); level++) {
        own.add(put(inputs, signature.deep().get(level), deep(extras, level)));
      }
      if (signature.logitsToKeep() != null) {
        own.add(
            put(
                inputs,
                signature.logitsToKeep(),
                graph.longs(signature.logitsToKeep(), new long[] {1})));
      }
      if (signature.useCacheBranch() != null) {
        ByteBuffer flag = ByteBuffer.allocateDirect(1).put(0, (byte) (cache.length() > 0 ? 1 : 0));
        own.add(put(inputs, signature.useCacheBranch(), tensor(flag, OnnxJavaType.BOOL, 1)));
      }
      if (signature.tapRows() != null) {
        // Even a step that needs no taps has to say something: the last row.
        long[] rows =
            queries.length == 0 ? new long[] {-1} : IntStream.of(queries).asLongStream().toArray();
        own.add(
            put(inputs, signature.tapRows(), graph.longs(signature.tapRows(), rows, rows.length)));
      }
      OrtSession.Result result = graph.run(inputs, queries.length == 0 ? outputs : outputsAndTaps);
      cache.advance(result, tokens);
      return result;
    } finally {
      own.forEach(OnnxTensor::close);
    }
  }

  /** Nothing is added where there is no picture. */
  private OnnxTensor deep(TokenExtras extras, int level) {
    String input = signature.deep().get(level);
    int number = StageSignature.deepLevel(input);
    int size = signature.hiddenSize();
    FloatBuffer values =
        ByteBuffer.allocateDirect(extras.tokens() * size * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    if (number < extras.deep().size()) {
      values.put(extras.deep().get(number).data()).rewind();
    }
    return graph.floats(input, values, 1, extras.tokens(), size);
  }

  private OnnxTensor positionIds(PositionIds positions) {
    String input = Objects.requireNonNull(signature.positionIds());
    int axes = signature.positionAxes();
    long[] values = positions.values(axes);
    int tokens = positions.tokens();
    return axes == 1
        ? graph.longs(input, values, 1, tokens)
        : graph.longs(input, values, axes, 1, tokens);
  }

  private static OnnxTensor put(Map<String, OnnxTensor> inputs, String name, OnnxTensor tensor) {
    inputs.put(name, tensor);
    return tensor;
  }

  private static OnnxTensor tensor(ByteBuffer values, OnnxJavaType type, long... shape) {
    try {
      return OnnxTensor.createTensor(OnnxRuntime.environment(), values, shape, type);
    } catch (OrtException e) {
      throw new IllegalStateException("cannot make a tensor: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    graph.close();
  }
}
