package dev.squint.llm;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.TensorSpec;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A decoder that drops nothing: every token passes through every layer, and a mask hides from a
 * layer the tokens that it must not see. Slow, but simple enough to serve as a reference.
 */
final class MaskedDecoder implements AutoCloseable {

  private final List<OnnxSession> layers = new ArrayList<>();
  private final TextEmbeddings words;
  private final List<Map<String, OrtValue>> caches = new ArrayList<>();
  private final List<float[]> given = new ArrayList<>();
  private int size;

  /** Tokens of the prompt that a layer sees, and their positions. */
  record Seen(boolean[] tokens, long[] positions, long next) {}

  private record OrtValue(float[] values, long[] shape) {}

  MaskedDecoder(ModelPackage model, Path cache) {
    Path graph = model.graph(Session.DECODER);
    int count = GraphRewriter.layers(graph, GraphKind.DECODER).size();
    CutPlan every = CutPlan.after(IntStream.range(0, count - 1).boxed().toArray(Integer[]::new));
    CutGraph cut = new GraphRewriter(new GraphCache(cache)).cut(graph, GraphKind.DECODER, every);
    for (int i = 0; i < count; i++) {
      layers.add(OnnxSession.open(cut.file(i), cut.weights(), SessionSettings.DEFAULT));
    }
    words =
        new TextEmbeddings(
            OnnxSession.open(model.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT));
  }

  int layers() {
    return layers.size();
  }

  /**
   * Logits of the first token.
   *
   * @param passedBy layers that do nothing
   */
  float[] prefill(PromptEmbeddings prompt, List<Seen> seen, Set<Integer> passedBy) {
    caches.clear();
    given.clear();
    size = prompt.size();
    float[] hidden = new float[prompt.tokens() * size];
    prompt.values().duplicate().get(hidden);
    for (int layer = 0; layer < layers.size(); layer++) {
      caches.add(new HashMap<>());
      given.add(hidden);
      if (passedBy.contains(layer)) {
        continue;
      }
      hidden =
          run(layer, hidden, prompt.tokens(), seen.get(layer).tokens, seen.get(layer).positions);
    }
    return last(hidden, prompt.tokens());
  }

  /**
   * Logits of the first token where each token of the prompt sees any others, later ones too. Each
   * row of a layer is computed by a run of its own, in which it comes last.
   *
   * @param sees which tokens see which in each layer, L times [S, S]
   */
  float[] prefill(PromptEmbeddings prompt, List<boolean[][]> sees) {
    caches.clear();
    given.clear();
    size = prompt.size();
    int tokens = prompt.tokens();
    long[] positions = prompt.positions().axis(0);
    float[] hidden = new float[tokens * size];
    prompt.values().duplicate().get(hidden);
    for (int layer = 0; layer < layers.size(); layer++) {
      Map<String, OrtValue> cache = new HashMap<>();
      caches.add(cache);
      given.add(hidden);
      List<float[]> rows = new ArrayList<>();
      for (int row = 0; row < tokens; row++) {
        int own = row;
        int[] order =
            IntStream.concat(
                    IntStream.range(0, tokens).filter(other -> other != own), IntStream.of(own))
                .toArray();
        float[] ordered = new float[hidden.length];
        boolean[] mask = new boolean[tokens];
        for (int i = 0; i < tokens; i++) {
          System.arraycopy(hidden, order[i] * size, ordered, i * size, size);
          mask[i] = sees.get(layer)[row][order[i]];
        }
        cache.clear();
        long[] places = IntStream.of(order).mapToLong(i -> positions[i]).toArray();
        rows.add(last(run(layer, ordered, tokens, mask, places), tokens));
      }
      cache.clear();
      boolean[] all = new boolean[tokens];
      Arrays.fill(all, true);
      run(layer, hidden, tokens, all, positions);
      int width = rows.get(0).length;
      hidden = new float[tokens * width];
      for (int row = 0; row < tokens; row++) {
        System.arraycopy(rows.get(row), 0, hidden, row * width, width);
      }
    }
    return last(hidden, tokens);
  }

  /**
   * Logits after one token more.
   *
   * @param seen which of the tokens before a layer sees
   * @param positions of the new token in each layer
   * @param passedBy layers that do nothing
   */
  float[] append(int token, List<boolean[]> seen, long[] positions, Set<Integer> passedBy) {
    float[] hidden = embedded(token);
    for (int layer = 0; layer < layers.size(); layer++) {
      if (passedBy.contains(layer)) {
        continue;
      }
      boolean[] before = seen.get(layer);
      boolean[] mask = Arrays.copyOf(before, before.length + 1);
      mask[before.length] = true;
      hidden = run(layer, hidden, 1, mask, new long[] {positions[layer]});
    }
    return last(hidden, 1);
  }

  /**
   * Logits after one token more where keys are kept before their rotation: a layer's cache is made
   * again from the inputs of the layer for the tokens that it still sees, at their cache-index
   * positions.
   *
   * @param seen which of the tokens before a layer sees
   */
  float[] appendInPlaces(int token, List<boolean[]> seen) {
    float[] hidden = embedded(token);
    for (int layer = 0; layer < layers.size(); layer++) {
      float[] rows = given.get(layer);
      boolean[] left = seen.get(layer);
      int[] tokens = IntStream.range(0, left.length).filter(i -> left[i]).toArray();
      float[] some = new float[tokens.length * size];
      for (int i = 0; i < tokens.length; i++) {
        System.arraycopy(rows, tokens[i] * size, some, i * size, size);
      }
      float[] more = Arrays.copyOf(rows, rows.length + size);
      System.arraycopy(hidden, 0, more, rows.length, size);
      given.set(layer, more);
      caches.get(layer).clear();
      boolean[] all = new boolean[tokens.length + 1];
      Arrays.fill(all, true);
      long[] places = LongStream.range(0, tokens.length).toArray();
      run(layer, some, tokens.length, Arrays.copyOf(all, tokens.length), places);
      hidden = run(layer, hidden, 1, all, new long[] {tokens.length});
    }
    return last(hidden, 1);
  }

  private float[] embedded(int token) {
    FloatBuffer embedded = words.of(new long[] {token});
    float[] hidden = new float[embedded.remaining()];
    embedded.get(hidden);
    return hidden;
  }

  private static float[] last(float[] logits, int rows) {
    int size = logits.length / rows;
    return Arrays.copyOfRange(logits, logits.length - size, logits.length);
  }

  private float[] run(int layer, float[] hidden, int tokens, boolean[] mask, long[] positions) {
    OnnxSession graph = layers.get(layer);
    Map<String, OrtValue> cache = caches.get(layer);
    Map<String, OnnxTensor> inputs = new HashMap<>();
    for (String name : graph.inputs().keySet()) {
      inputs.put(name, input(graph, name, hidden, tokens, mask, positions, cache));
    }
    try (OrtSession.Result result = graph.run(inputs, graph.outputs().keySet())) {
      float[] output = {};
      for (String name : graph.outputs().keySet()) {
        OnnxTensor tensor = (OnnxTensor) result.get(name).orElseThrow();
        float[] values = new float[tensor.getFloatBuffer().remaining()];
        tensor.getFloatBuffer().get(values);
        if (name.startsWith("present")) {
          cache.put(
              name.replace("present", "past_key_values"),
              new OrtValue(values, tensor.getInfo().getShape()));
        } else {
          output = values;
        }
      }
      return output;
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor input(
      OnnxSession graph,
      String name,
      float[] hidden,
      int tokens,
      boolean[] mask,
      long[] positions,
      Map<String, OrtValue> cache) {
    return switch (name) {
      case "inputs_embeds" -> graph.floats(name, direct(hidden), 1, tokens, hidden.length / tokens);
      case "num_logits_to_keep" -> graph.longs(name, new long[] {tokens});
      case "position_ids" -> graph.longs(name, positions, 1, tokens);
      case "attention_mask" ->
          graph.longs(
              name,
              IntStream.range(0, mask.length).mapToLong(i -> mask[i] ? 1 : 0).toArray(),
              1,
              mask.length);
      default -> {
        OrtValue past = cache.get(name);
        if (past == null) {
          TensorSpec spec = Objects.requireNonNull(graph.inputs().get(name));
          long heads = spec.axes().get(1).size();
          long size = spec.axes().get(3).size();
          past = new OrtValue(new float[0], new long[] {1, heads, 0, size});
        }
        yield graph.floats(name, direct(past.values), past.shape);
      }
    };
  }

  private static FloatBuffer direct(float[] values) {
    return DirectBuffers.floats(values.length).put(values).flip();
  }

  @Override
  public void close() {
    layers.forEach(OnnxSession::close);
    words.close();
  }
}
