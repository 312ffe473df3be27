package dev.squint.vision.onnx.graph;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.graph.LengthProbe.Computed;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Compares the attention of a decoder's layers before and after it is replaced, on random queries,
 * keys and values and several numbers of cached and new tokens. Each layer is computed alone.
 */
final class FusionCheck {

  /**
   * What is computed at once.
   *
   * @param batch number of sequences
   * @param past cached tokens of each
   * @param tokens new tokens of each
   */
  private record Lengths(int batch, int past, int tokens) {

    private static final int GAP = 3;

    /** Positions of the new tokens that count on. */
    long[] counted() {
      return LongStream.range(past, past + tokens).toArray();
    }

    /** Positions with gaps. */
    long[] apart() {
      return LongStream.range(1, tokens + 1).map(i -> past + GAP * i).toArray();
    }

    /** One position for all, as parts of a picture have where axes are counted apart. */
    long[] equal() {
      return new long[tokens];
    }
  }

  private static final List<Lengths> COMPARED =
      List.of(
          new Lengths(1, 0, 7),
          new Lengths(1, 5, 1),
          new Lengths(1, 5, 3),
          new Lengths(1, 29, 1),
          new Lengths(2, 0, 3),
          new Lengths(2, 4, 1));

  /** Cached tokens that new ones must see: more than the windows of known models, and fewer. */
  private static final List<Integer> FAR = List.of(33_000, 3_000, 300);

  /** Masks of a step and of several tokens may differ. */
  private static final List<Integer> BEHIND_FAR = List.of(1, 2);

  /** One token alone. */
  private static final Lengths ONE = new Lengths(1, 0, 1);

  /** Above the logits of known models, so that caps and clips show. */
  private static final float LARGE = 8192;

  /** For a product with a factor, relative. */
  private static final double OF_FACTOR = 1e-5;

  /** Lower logits hide a token. */
  private static final double HIDDEN = -1000;

  /** Products of rows become so large that a cap of the logits shows. */
  private static final float SPREAD = 2;

  /** For sums of values of about 2 in another order. */
  private static final double ROUNDING = 1e-4;

  private static final int SEED = 20;

  private static final String PAST = "past_key_values.";

  /** Of keys and values, [B, heads, T, d]. */
  private static final int RANK = 4;

  /** The inputs that attention may read. Of the embeddings only the shape can be read. */
  private static final Set<String> READ =
      Set.of(GraphKind.DECODER.source(), GraphRewriter.MASK, GraphRewriter.POSITIONS);

  private final OnnxModel model;
  private final GraphIndex index;
  private final GraphIndex narrow;
  private final Layers layers;
  private final ValueFlow flow;
  private final Set<String> hidden;

  FusionCheck(OnnxModel model, GraphIndex index, Layers layers) {
    this.model = model;
    this.index = index;
    this.narrow = withNarrowCache(index);
    this.layers = layers;
    this.flow = new ValueFlow(index);
    this.hidden = flow.from(GraphKind.DECODER.source());
  }

  /** Caches of many tokens take no memory where only their shapes are read. */
  private static GraphIndex withNarrowCache(GraphIndex index) {
    GraphProto.Builder graph = index.graph().toBuilder();
    for (ValueInfoProto.Builder input : graph.getInputBuilderList()) {
      var shape = input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
      if (input.getName().startsWith(PAST) && shape.getDimCount() == RANK) {
        shape.getDimBuilder(1).setDimValue(1);
        shape.getDimBuilder(RANK - 1).setDimValue(1);
      }
    }
    return new GraphIndex(graph.build());
  }

  /**
   * The factor of the products of queries and keys.
   *
   * @throws IllegalArgumentException if heads have several, or the layer cannot be computed alone
   */
  float scale(FusedLayer layer) {
    Computed logits = run(layer, layer.logits(index), ONE, FusionCheck::unit);
    double scale = logits.values()[0];
    if (Arrays.stream(logits.values()).anyMatch(value -> value != scale) || scale <= 0) {
      throw new IllegalArgumentException(
          "its heads scale their logits in layer %d by %s"
              .formatted(layer.layer(), Arrays.toString(logits.values())));
    }
    return (float) scale;
  }

  /** Makes the values of one of the tensors of a layer. */
  @FunctionalInterface
  private interface Filling {
    float[] values(int rows, int size);
  }

  /** Normally distributed values. */
  private static Filling random() {
    Random random = new Random(SEED);
    return (rows, size) -> {
      float[] values = new float[rows * size];
      for (int i = 0; i < values.length; i++) {
        values[i] = SPREAD * (float) random.nextGaussian();
      }
      return values;
    };
  }

  /** Rows (1, 0, ..., 0), so that their products are 1. */
  private static float[] unit(int rows, int size) {
    float[] values = new float[rows * size];
    for (int row = 0; row < rows; row++) {
      values[row * size] = 1;
    }
    return values;
  }

  /**
   * Compares all layers.
   *
   * @throws IllegalArgumentException if a layer computes something else, or hides far tokens
   */
  void compare(OnnxModel fused, List<FusedLayer> all) {
    GraphIndex after = new GraphIndex(fused.graph());
    for (FusedLayer layer : all) {
      checkLogits(layer);
      String output = layer.attended(index);
      Set<String> given = given(layer);
      try (LengthProbe old = probe(model, index, output, given);
          LengthProbe now = probe(fused, after, output, given)) {
        for (Lengths lengths : COMPARED) {
          compare(layer, lengths, old, now);
        }
      }
    }
  }

  private void compare(FusedLayer layer, Lengths lengths, LengthProbe old, LengthProbe now) {
    String output = layer.attended(index);
    Map<String, OnnxTensor> tensors = tensors(layer, lengths, random());
    try {
      Computed after = run(now, output, tensors, lengths, lengths.counted());
      // The operator does not read positions, which have gaps where tokens were dropped.
      for (long[] positions : List.of(lengths.counted(), lengths.apart(), lengths.equal())) {
        double difference = difference(run(old, output, tensors, lengths, positions), after);
        if (!(difference <= ROUNDING)) {
          throw new IllegalArgumentException(
              "its layer %d gives other values than GroupQueryAttention: with %d cached and %d new tokens at positions %s they differ by %.2g"
                  .formatted(
                      layer.layer(),
                      lengths.past,
                      lengths.tokens,
                      Arrays.toString(positions),
                      difference));
        }
      }
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  /** What the graph makes of scores must be a factor, and a mask of later tokens alone. */
  private void checkLogits(FusedLayer layer) {
    try (LengthProbe probe =
        probe(model, narrow, layer.logits(index), Set.of(layer.scores(index)))) {
      double[] near = logits(probe, layer, ONE, 1);
      for (float score : List.of(LARGE, -LARGE)) {
        double[] large = logits(probe, layer, ONE, score);
        for (int head = 0; head < large.length; head++) {
          double linear = score * near[head];
          if (!(Math.abs(large[head] - linear) <= OF_FACTOR * Math.abs(linear))) {
            throw new IllegalArgumentException(
                "its layer %d makes the logit %s of a score of %s, but %s of a score of 1"
                    .formatted(layer.layer(), (float) large[head], score, (float) near[head]));
          }
        }
      }
      for (int past : FAR) {
        for (int tokens : BEHIND_FAR) {
          checkFar(layer, probe, new Lengths(1, past, tokens), near);
        }
      }
    }
  }

  private void checkFar(FusedLayer layer, LengthProbe probe, Lengths lengths, double... near) {
    int columns = lengths.past + lengths.tokens;
    double[] far = logits(probe, layer, lengths, 1);
    for (int i = 0; i < far.length; i++) {
      int row = i / columns % lengths.tokens;
      boolean later = i % columns > lengths.past + row;
      double alone = near[i / columns / lengths.tokens];
      if (later ? !(far[i] < HIDDEN) : far[i] != alone) {
        throw new IllegalArgumentException(
            "its layer %d %s"
                .formatted(
                    layer.layer(), otherMask(lengths, later, (float) far[i], (float) alone)));
      }
    }
  }

  private static String otherMask(Lengths lengths, boolean later, float far, float alone) {
    if (later) {
      return "does not hide later tokens: their logits are %s behind %d tokens"
          .formatted(far, lengths.past);
    }
    return far < HIDDEN
        ? "hides some of %d tokens from the last one, as by a window".formatted(lengths.past)
        : "makes the logit %s of a score of 1 behind %d tokens, but %s behind none"
            .formatted(far, lengths.past, alone);
  }

  /** The logits of equal scores, [1, H, S, T]. */
  private double[] logits(LengthProbe probe, FusedLayer layer, Lengths lengths, float score) {
    int columns = lengths.past + lengths.tokens;
    float[] all = new float[layer.heads() * lengths.tokens * columns];
    Arrays.fill(all, score);
    try (OnnxTensor scores = tensor(all, 1, layer.heads(), lengths.tokens, columns)) {
      Map<String, OnnxTensor> given = Map.of(layer.scores(index), scores);
      return run(probe, layer.logits(index), given, lengths, lengths.counted()).values();
    }
  }

  private Computed run(FusedLayer layer, String output, Lengths lengths, Filling filling) {
    Map<String, OnnxTensor> tensors = tensors(layer, lengths, filling);
    try (LengthProbe probe = probe(model, index, output, given(layer))) {
      return run(probe, output, tensors, lengths, lengths.counted());
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private static Computed run(
      LengthProbe probe,
      String output,
      Map<String, OnnxTensor> tensors,
      Lengths lengths,
      long... positions) {
    return Objects.requireNonNull(
        probe.run(lengths.batch, tensors, lengths.past, positions).get(output), output);
  }

  private LengthProbe probe(OnnxModel of, GraphIndex graph, String output, Set<String> given) {
    Set<String> unknown = new HashSet<>(hidden);
    given.forEach(tensor -> unknown.removeAll(flow.from(tensor)));
    HiddenTensors others = new HiddenTensors(graph, layers, unknown);
    LengthProbe probe = new LengthProbe(of, graph, others, List.of(output), given);
    for (String input : probe.inputs()) {
      if (!READ.contains(input) && !input.startsWith(PAST)) {
        probe.close();
        throw new IllegalArgumentException("its attention reads the input '%s'".formatted(input));
      }
    }
    return probe;
  }

  private Set<String> given(FusedLayer layer) {
    return Set.of(layer.queries(index), layer.newKeys(index), layer.newValues(index));
  }

  /** What a layer's attention reads, by name. */
  private Map<String, OnnxTensor> tensors(FusedLayer layer, Lengths lengths, Filling filling) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    int batch = lengths.batch;
    int size = layer.headSize();
    tensors.put(layer.queries(index), tensor(filling, batch, layer.heads(), lengths.tokens, size));
    for (int concat : List.of(layer.keys(), layer.values())) {
      NodeProto node = index.node(concat);
      tensors.put(node.getInput(0), tensor(filling, batch, layer.keyHeads(), lengths.past, size));
      tensors.put(node.getInput(1), tensor(filling, batch, layer.keyHeads(), lengths.tokens, size));
    }
    return tensors;
  }

  private static OnnxTensor tensor(Filling filling, int batch, int heads, int tokens, int size) {
    return tensor(filling.values(batch * heads * tokens, size), batch, heads, tokens, size);
  }

  private static OnnxTensor tensor(float[] values, long... shape) {
    try {
      return OnnxTensor.createTensor(OnnxRuntime.environment(), FloatBuffer.wrap(values), shape);
    } catch (OrtException e) {
      throw new IllegalStateException("cannot create a tensor: " + e.getMessage(), e);
    }
  }

  private static double difference(Computed before, Computed after) {
    if (before.elementType() != after.elementType()
        || !Arrays.equals(before.shape(), after.shape())) {
      return Double.NaN;
    }
    double most = 0;
    for (int i = 0; i < before.values().length; i++) {
      most = Math.max(most, Math.abs(before.values()[i] - after.values()[i]));
    }
    return most;
  }
}
