package dev.squint.vision.onnx.graph;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.graph.LengthProbe.Computed;
import dev.squint.vision.onnx.proto.NodeProto;
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
  private record Lengths(int batch, int past, int tokens) {}

  private static final List<Lengths> COMPARED =
      List.of(
          new Lengths(1, 0, 7),
          new Lengths(1, 5, 1),
          new Lengths(1, 5, 3),
          new Lengths(1, 29, 1),
          new Lengths(2, 0, 3),
          new Lengths(2, 4, 1));

  /** Cached tokens that a new one must see: more than the windows of known models. */
  private static final int FAR = 33_000;

  /** Products of rows become so large that a cap of the logits shows. */
  private static final float SPREAD = 2;

  /** For sums of values of about 2 in another order. */
  private static final double ROUNDING = 1e-4;

  private static final int SEED = 20;

  private final OnnxModel model;
  private final GraphIndex index;
  private final Layers layers;
  private final ValueFlow flow;
  private final Set<String> hidden;

  FusionCheck(OnnxModel model, GraphIndex index, Layers layers) {
    this.model = model;
    this.index = index;
    this.layers = layers;
    this.flow = new ValueFlow(index);
    this.hidden = flow.from(GraphKind.DECODER.source());
  }

  /**
   * The factor of the products of queries and keys.
   *
   * @throws IllegalArgumentException if heads have several, or the layer cannot be computed alone
   */
  float scale(FusedLayer layer) {
    Computed logits = run(layer, layer.logits(index), new Lengths(1, 0, 1), FusionCheck::unit);
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
      checkFar(layer);
      String output = layer.attended(index);
      Set<String> given = given(layer);
      try (LengthProbe old = probe(model, index, output, given);
          LengthProbe now = probe(fused, after, output, given)) {
        for (Lengths lengths : COMPARED) {
          Map<String, OnnxTensor> tensors = tensors(layer, lengths, random());
          try {
            double difference =
                difference(run(old, output, tensors, lengths), run(now, output, tensors, lengths));
            if (!(difference <= ROUNDING)) {
              throw new IllegalArgumentException(
                  "its layer %d gives other values than GroupQueryAttention: with %d cached and %d new tokens they differ by %.2g"
                      .formatted(layer.layer(), lengths.past, lengths.tokens, difference));
            }
          } finally {
            tensors.values().forEach(OnnxTensor::close);
          }
        }
      }
    }
  }

  /** The mask must hide none of many tokens: an operator without a window sees all. */
  private void checkFar(FusedLayer layer) {
    String scores = layer.scores(index);
    String logits = layer.logits(index);
    try (LengthProbe probe = probe(model, index, logits, Set.of(scores))) {
      Lengths lengths = new Lengths(1, FAR, 1);
      float[] zeros = new float[layer.heads() * (FAR + 1)];
      try (OnnxTensor none = tensor(zeros, 1, layer.heads(), 1, FAR + 1)) {
        double[] mask = run(probe, logits, Map.of(scores, none), lengths).values();
        if (Arrays.stream(mask).anyMatch(value -> value != 0)) {
          throw new IllegalArgumentException(
              "its layer %d hides some of %d tokens from the last one, as by a window"
                  .formatted(layer.layer(), FAR));
        }
      }
    }
  }

  private Computed run(FusedLayer layer, String output, Lengths lengths, Filling filling) {
    Map<String, OnnxTensor> tensors = tensors(layer, lengths, filling);
    try (LengthProbe probe = probe(model, index, output, given(layer))) {
      return run(probe, output, tensors, lengths);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private static Computed run(
      LengthProbe probe, String output, Map<String, OnnxTensor> tensors, Lengths lengths) {
    long[] positions = LongStream.range(lengths.past, lengths.past + lengths.tokens).toArray();
    return Objects.requireNonNull(
        probe.run(lengths.batch, tensors, lengths.past, positions).get(output), output);
  }

  private LengthProbe probe(OnnxModel of, GraphIndex graph, String output, Set<String> given) {
    Set<String> unknown = new HashSet<>(hidden);
    given.forEach(tensor -> unknown.removeAll(flow.from(tensor)));
    HiddenTensors others = new HiddenTensors(graph, layers, unknown);
    return new LengthProbe(of, graph, others, List.of(output), given);
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
    if (!Arrays.equals(before.shape(), after.shape())) {
      return Double.NaN;
    }
    double most = 0;
    for (int i = 0; i < before.values().length; i++) {
      most = Math.max(most, Math.abs(before.values()[i] - after.values()[i]));
    }
    return most;
  }
}
