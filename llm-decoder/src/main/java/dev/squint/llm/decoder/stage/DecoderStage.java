package dev.squint.llm.decoder.stage;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.cache.AppendedRows;
import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.cache.InPlaceRows;
import dev.squint.llm.decoder.cache.PrefixBlock;
import dev.squint.llm.decoder.cache.RowCache;
import dev.squint.llm.decoder.cache.StageCache;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.pruner.Matrix;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.graph.LayerInfo;
import dev.squint.vision.onnx.graph.StageGraph;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A run of decoder layers as one graph. Immutable and thread-safe; the caches are the caller's. */
public final class DecoderStage implements AutoCloseable {

  private static final int[] NO_QUERIES = {};

  private final OnnxSession graph;
  private final boolean writesInPlace;
  private final StageSignature signature;
  private final WorkingMemory memory;
  private final int firstLayer;
  private final int endLayer;
  private final List<Tap> taps;
  private final List<LayerInfo> layers;
  private final Set<String> outputs = new LinkedHashSet<>();
  private final Set<String> outputsAndTaps = new LinkedHashSet<>();

  /**
   * Takes ownership of the graph of a whole decoder.
   *
   * @param writesInPlace {@link dev.squint.vision.onnx.graph.CacheInPlace}
   */
  public DecoderStage(OnnxSession graph, boolean writesInPlace) {
    this(graph, writesInPlace, 1, 0, -1, List.of(), List.of());
  }

  /**
   * Takes ownership of the graph of a stage.
   *
   * @param writesInPlace {@link dev.squint.vision.onnx.graph.CacheInPlace}
   * @param stages number of stages of the decoder
   * @param stage its layers and its taps
   * @param layers facts about all layers of the decoder
   */
  public DecoderStage(
      OnnxSession graph,
      boolean writesInPlace,
      int stages,
      StageGraph stage,
      List<LayerInfo> layers) {
    this(graph, writesInPlace, stages, stage.firstLayer(), stage.endLayer(), stage.taps(), layers);
  }

  private DecoderStage(
      OnnxSession graph,
      boolean writesInPlace,
      int stages,
      int firstLayer,
      int endLayer,
      List<Tap> taps,
      List<LayerInfo> layers) {
    this.graph = graph;
    // Elsewhere the whole tensors would be copied to the device and back, with their empty rows.
    this.writesInPlace = writesInPlace && graph.placement().device().sharesMemory();
    this.taps = List.copyOf(taps);
    this.layers = List.copyOf(layers);
    this.signature = StageSignature.read(graph);
    this.memory = WorkingMemory.of(stages, layers, signature.hiddenSize());
    this.firstLayer = firstLayer;
    this.endLayer = endLayer < 0 ? signature.cachedLayers() : endLayer;
    outputs.add(signature.output());
    signature.cache().forEach(slot -> outputs.add(slot.present()));
    outputsAndTaps.addAll(outputs);
    taps.forEach(tap -> outputsAndTaps.add(tap.output()));
  }

  /** The first layer, from 0. */
  public int firstLayer() {
    return firstLayer;
  }

  /** The layer after the last. */
  public int endLayer() {
    return endLayer;
  }

  /** Inputs and outputs of the graph. */
  public StageSignature signature() {
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
  public Matrix attentionOfNewToken(OrtSession.Result result, int layer, List<Matrix> keys) {
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

  /** A cache of several sequences without tokens. */
  StageCache emptyCache(int sequences) {
    Map<String, OnnxTensor> past = new LinkedHashMap<>();
    for (CacheSlot slot : signature.cache()) {
      long[] shape = slot.shape(0);
      shape[0] *= sequences;
      long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      ByteBuffer zeros = DirectBuffers.bytes(elements * slot.type().size);
      past.put(slot.past(), Tensors.on(zeros, slot.type(), shape));
    }
    return new StageCache(signature.cache(), past, 0, writesInPlace);
  }

  /** A cache of a batch without rows. */
  RowCache rowCache() {
    return writesInPlace ? new InPlaceRows(signature.cache()) : new AppendedRows(signature.cache());
  }

  /** A cache that holds these blocks in order. */
  StageCache cacheOf(List<PrefixBlock> blocks) {
    int tokens = blocks.size() * PrefixBlock.TOKENS;
    Map<String, OnnxTensor> past = new LinkedHashMap<>();
    for (CacheSlot slot : signature.cache()) {
      ByteBuffer rows = PrefixBlock.joined(slot, blocks);
      past.put(slot.past(), Tensors.on(rows, slot.type(), slot.shape(tokens)));
    }
    return new StageCache(signature.cache(), past, tokens, writesInPlace);
  }

  /** The embeddings of a prompt as this stage's input, [1, S, D]; the caller closes it. */
  public OnnxTensor hidden(PromptEmbeddings prompt) {
    return graph.floats(
        signature.tokens().hidden(),
        prompt.values().duplicate(),
        1,
        prompt.tokens(),
        prompt.size());
  }

  /** The embeddings of sequences of one length as this stage's input, [B, S, D]. */
  public OnnxTensor hidden(List<PromptEmbeddings> sequences) {
    PromptEmbeddings first = sequences.get(0);
    FloatBuffer all = DirectBuffers.floats((long) sequences.size() * first.tokens() * first.size());
    sequences.forEach(sequence -> all.put(sequence.values().duplicate()));
    return graph.floats(
        signature.tokens().hidden(), all.rewind(), sequences.size(), first.tokens(), first.size());
  }

  /** What the encoder of an encoder-decoder gave, to be read in every step. */
  public void readEncoder(StageCache cache, OrtSession.Result encoded, String output) {
    OnnxTensor hidden = (OnnxTensor) encoded.get(output).orElseThrow();
    cache.hold(StageSignature.ENCODED, hidden, encoded::close);
    long[] shape = hidden.getInfo().getShape();
    OnnxTensor mask = graph.ones(StageSignature.ENCODED_MASK, shape[0], shape[1]);
    cache.hold(StageSignature.ENCODED_MASK, mask, mask::close);
  }

  /** Hidden states as this stage's input, [1, S, D]; the caller closes it. */
  public OnnxTensor hidden(Matrix rows) {
    FloatBuffer values = DirectBuffers.floats(rows.data().length).put(rows.data()).rewind();
    return graph.floats(signature.tokens().hidden(), values, 1, rows.rows(), rows.cols());
  }

  /**
   * Embeddings as this stage takes them, floats or halves, [1, S, D], to be closed by the caller;
   * null if they already are.
   */
  public @Nullable OnnxTensor converted(OnnxTensor embeddings) {
    return graph.converted(signature.tokens().hidden(), embeddings);
  }

  /**
   * Runs the layers on new tokens of B sequences and puts their keys and values into the cache.
   *
   * @param hidden embeddings or hidden states, [B, S, D]
   * @param tokens positions of the new tokens, and extra inputs of some graphs
   * @param queries indices of the new tokens that the taps show; none for a step that needs no taps
   * @param cache of the same sequences
   * @return logits [B, S or 1, V] or hidden states [B, S, D], and the taps; lives until the next
   *     step
   */
  public OrtSession.Result run(
      OnnxTensor hidden, NewTokens tokens, int[] queries, StageCache cache) {
    return run(hidden, tokens, queries, cache, false);
  }

  /**
   * Runs the layers on a few new tokens of a sequence that has a prompt.
   *
   * @param hidden embeddings or hidden states, [1, S, D]
   * @return logits [1, S, V] or hidden states [1, S, D]; lives until the next step
   */
  public OrtSession.Result runAll(OnnxTensor hidden, NewTokens tokens, StageCache cache) {
    return run(hidden, tokens, NO_QUERIES, cache, true);
  }

  private OrtSession.Result run(
      OnnxTensor hidden, NewTokens tokens, int[] queries, StageCache cache, boolean all) {
    // A prompt is run once, so making room for it would cost more than it saves. And taps of a
    // prompt are read together with the keys that the graph returns.
    int count = tokens.tokens();
    boolean inPlace =
        writesInPlace && (all || count == 1) && queries.length == 0 && cache.makeRoom(count);
    Map<String, OnnxTensor> inputs = new HashMap<>(cache.inputs());
    inputs.put(signature.tokens().hidden(), hidden);
    List<OnnxTensor> own = new ArrayList<>();
    try {
      String mask = signature.tokens().attentionMask();
      if (mask != null) {
        // All sequences are of one length, so none has columns to hide.
        long columns = cache.columns() + (long) count;
        own.add(put(inputs, mask, graph.ones(mask, tokens.rows(), columns)));
      }
      new TokenTensors(graph, signature).add(tokens, inputs, own);
      PairsInput.add(graph, signature, tokens, cache.columns() + count, inputs, own);
      addSwitches(queries, cache.columns() > 0, all ? count : 1, inputs, own);
      Set<String> wanted = queries.length == 0 ? outputs : outputsAndTaps;
      if (inPlace) {
        OrtSession.Result result = graph.run(inputs, withoutCache(wanted), cache.presents());
        cache.advanceInPlace(result, count);
        return result;
      }
      OrtSession.Result result =
          memory.isKept(count, cache.columns() + count)
              ? graph.run(inputs, wanted)
              : graph.runAndReturnMemory(inputs, wanted);
      cache.advance(result, count);
      return result;
    } finally {
      own.forEach(OnnxTensor::close);
    }
  }

  /**
   * Runs the layers on one new token of each row of a batch. The caller names the rows that moved
   * on to the cache, which takes over the result.
   *
   * @param hidden embeddings or hidden states, [B, 1, D]
   * @param tokens positions of the new tokens
   * @param cache of the same rows, with room for the tokens
   * @return logits [B, 1, V] or hidden states [B, 1, D]
   */
  public OrtSession.Result run(OnnxTensor hidden, NewTokens tokens, RowCache cache) {
    Map<String, OnnxTensor> presents = cache.presents();
    Map<String, OnnxTensor> inputs = new HashMap<>(cache.inputs());
    inputs.put(signature.tokens().hidden(), hidden);
    List<OnnxTensor> own = new ArrayList<>();
    try {
      String mask = signature.tokens().attentionMask();
      if (mask != null) {
        own.add(put(inputs, mask, graph.mask(mask, seen(cache))));
      }
      new TokenTensors(graph, signature).add(tokens, inputs, own);
      PairsInput.add(graph, signature, tokens, cache.seen(0).length, inputs, own);
      addSwitches(NO_QUERIES, true, 1, inputs, own);
      return presents.isEmpty()
          ? graph.run(inputs, outputs)
          : graph.run(inputs, withoutCache(outputs), presents);
    } finally {
      own.forEach(OnnxTensor::close);
    }
  }

  private Set<String> withoutCache(Set<String> wanted) {
    Set<String> others = new LinkedHashSet<>(wanted);
    signature.cache().forEach(slot -> others.remove(slot.present()));
    return others;
  }

  private static List<boolean[]> seen(RowCache cache) {
    List<boolean[]> rows = new ArrayList<>();
    for (int row = 0; row < cache.rows(); row++) {
      rows.add(cache.seen(row));
    }
    return rows;
  }

  /** Inputs that say what to compute. */
  private void addSwitches(
      int[] queries,
      boolean hasPast,
      int logits,
      Map<String, OnnxTensor> inputs,
      List<OnnxTensor> own) {
    StageSignature.Switches switches = signature.switches();
    if (switches.logitsToKeep() != null) {
      long[] last = {logits};
      own.add(put(inputs, switches.logitsToKeep(), graph.longs(switches.logitsToKeep(), last)));
    }
    if (switches.cacheBranch() != null) {
      ByteBuffer flag = ByteBuffer.allocateDirect(1).put(0, (byte) (hasPast ? 1 : 0));
      own.add(put(inputs, switches.cacheBranch(), Tensors.on(flag, OnnxJavaType.BOOL, 1)));
    }
    if (switches.tapRows() != null) {
      // The graph needs a row even in a step without taps: the last one.
      long[] rows =
          queries.length == 0 ? new long[] {-1} : IntStream.of(queries).asLongStream().toArray();
      own.add(put(inputs, switches.tapRows(), graph.longs(switches.tapRows(), rows, rows.length)));
    }
  }

  /** The output of a run: logits, or hidden states for the next stage. */
  public OnnxTensor output(OrtSession.Result result) {
    return (OnnxTensor) result.get(signature.output()).orElseThrow();
  }

  private static OnnxTensor put(Map<String, OnnxTensor> inputs, String name, OnnxTensor tensor) {
    inputs.put(name, tensor);
    return tensor;
  }

  @Override
  public void close() {
    graph.close();
  }
}
