package dev.squint.eval.cost;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.llm.model.Session;
import dev.squint.vision.onnx.graph.DecoderWork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder's operations are counted by.
 *
 * @param shape its sizes, for the formulas of papers
 * @param work its operations by layer, counted in the graph; null in files of older versions, and
 *     for graphs whose products are in branches (Florence-2)
 */
public record DecoderCost(DecoderShape shape, @Nullable LayerWork work) {

  /** Counts the operations of a model's decoder. Sizes that no file says are 0. */
  public static DecoderCost of(VisionLanguageModel loaded) {
    JsonNode config = loaded.model().config();
    JsonNode text = text(config);
    // Hybrids have states of convolutions among the keys and values.
    List<CacheSlot> keys =
        loaded.decoder().stages().stream()
            .flatMap(stage -> stage.cache().stream())
            .filter(slot -> slot.grows() && !slot.ofEncoder() && slot.past().endsWith(".key"))
            .toList();
    int layers = loaded.decoder().cachedLayers();
    int kvHeads = size(keys.get(0), 1);
    int headSize = size(keys.get(0), keys.get(0).emptyShape().size() - 1);
    int heads = text.path("num_attention_heads").asInt(kvHeads);
    JsonNode ffn = text.path("intermediate_size");
    DecoderShape shape =
        new DecoderShape(
            layers,
            Math.toIntExact(loaded.decoder().hiddenSize()),
            // Gemma 3n lists one for each layer.
            ffn.isArray() ? ffn.path(0).asInt() : ffn.asInt(),
            heads,
            kvHeads,
            headSize,
            text.path("vocab_size").asInt(config.path("vocab_size").asInt()));
    DecoderWork graph = DecoderWork.of(loaded.model().graph(Session.DECODER), layers);
    int all = layers(loaded);
    boolean counted = graph.perLayer().stream().anyMatch(operations -> operations > 0);
    LayerWork work =
        new LayerWork(
            graph.perLayer(), queries(text, keys, heads, all), graph.output(), all - layers);
    return new DecoderCost(shape, counted ? work : null);
  }

  /** Layers of the decoder; some keep no keys of their own (hybrids, shared keys and values). */
  public static int layers(VisionLanguageModel loaded) {
    int said = text(loaded.model().config()).path("num_hidden_layers").asInt();
    return Math.max(said, loaded.decoder().cachedLayers());
  }

  private static JsonNode text(JsonNode config) {
    return config.path("text_config").isObject() ? config.path("text_config") : config;
  }

  /** Width of the queries of each layer with a cache; the last one has those that share keys. */
  private static List<Double> queries(JsonNode text, List<CacheSlot> keys, int heads, int all) {
    List<Double> widths = new ArrayList<>();
    for (CacheSlot slot : keys) {
      widths.add((double) heads * size(slot, slot.emptyShape().size() - 1));
    }
    double mean = widths.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    int last = widths.size() - 1;
    int sharing = Math.max(0, attending(text, all) - widths.size());
    widths.set(last, widths.get(last) + sharing * mean);
    return widths;
  }

  /** Number of layers with attention over all tokens. */
  private static int attending(JsonNode text, int all) {
    JsonNode types = text.path("layer_types");
    return types.isArray()
        ? (int)
            StreamSupport.stream(types.spliterator(), false)
                .map(JsonNode::asText)
                .filter(type -> type.endsWith("attention") && !type.startsWith("linear"))
                .count()
        : all;
  }

  private static int size(CacheSlot slot, int axis) {
    return Math.toIntExact(slot.emptyShape().get(axis));
  }

  /** Operations of all layers for one token, without attention; NaN if they were not counted. */
  public double perToken() {
    return work == null
        ? Double.NaN
        : work.perToken().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Operations of the output layer for one row of logits; NaN if they were not counted. */
  public double perRow() {
    return work == null ? Double.NaN : work.output();
  }

  /** Operations of a prefill of this number of tokens through all layers. */
  public Flops prefill(double tokens) {
    return prefill(Collections.nCopies(shape.layers(), tokens));
  }

  /**
   * Operations of a prefill. The formulas of papers know no other layers than those of a
   * transformer, so they count layers without a cache like the others.
   *
   * @param layerTokens tokens per run of a layer with a cache; a layer that runs twice counts twice
   */
  public Flops prefill(List<? extends Number> layerTokens) {
    if (work == null) {
      return Flops.prefill(shape, layerTokens);
    }
    Flops formulas = Flops.prefill(shape, work.ofAllLayers(layerTokens));
    return new Flops(
        formulas.fastv(), formulas.swigluMacs(), formulas.full(), work.prefill(layerTokens));
  }

  /** Operations of all runs of the decoder in one prefill, counted like {@link Flops#grouped}. */
  public double prefillOfRuns(List<StageRun> runs) {
    if (work == null) {
      List<Integer> tokens = new ArrayList<>();
      for (StageRun run : runs) {
        tokens.addAll(Collections.nCopies(run.endLayer() - run.firstLayer(), run.tokens()));
      }
      return Flops.prefill(shape, tokens).grouped();
    }
    double operations = work.output();
    for (StageRun run : runs) {
      operations += work.run(run.firstLayer(), run.endLayer(), run.tokens());
    }
    return operations;
  }

  /**
   * Operations of one decode step, counted like {@link Flops#grouped}.
   *
   * @param cached tokens that it attends to per layer, including itself
   */
  public double step(List<? extends Number> cached) {
    return work == null ? Flops.step(shape, cached) : work.step(cached);
  }
}
