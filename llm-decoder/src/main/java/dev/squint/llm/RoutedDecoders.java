package dev.squint.llm;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.StagedDecoders;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.model.RouterWeights;
import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.plan.RouterStep;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The decoders for mixtures of depths, cut after every layer and opened when a plan asks for one.
 * Thread-safe.
 */
final class RoutedDecoders implements AutoCloseable {

  private final String model;
  private final Path graph;
  private final int hiddenSize;
  private final TrainedMethods trained;
  private final TextEmbeddings embeddings;
  private final SessionSettings settings;
  private final Sharing sharing;
  private final Map<Path, StagedDecoder> open = new HashMap<>();
  private final Set<Path> positioned = ConcurrentHashMap.newKeySet();

  /**
   * Opens nothing yet.
   *
   * @param model the model's name
   * @param graph the model's decoder, for methods that bring none of their own
   * @param hiddenSize values of its hidden states, D
   * @param embeddings stay the caller's
   * @param sharing how requests share the decoders
   */
  RoutedDecoders(
      String model,
      Path graph,
      int hiddenSize,
      TrainedMethods trained,
      TextEmbeddings embeddings,
      SessionSettings settings,
      Sharing sharing) {
    this.model = model;
    this.graph = graph;
    this.hiddenSize = hiddenSize;
    this.trained = trained;
    this.embeddings = embeddings;
    this.settings = settings;
    this.sharing = sharing;
  }

  /**
   * Checks that there are the weights that a method needs, that they are for this model, and that
   * its decoder keeps the positions of tokens where others skip a layer.
   *
   * @throws IllegalArgumentException if not
   */
  void check(RouterStep step) {
    TrainedWeights read = step.read();
    if (read != null) {
      int width = RouterWeights.width(read);
      if (width != hiddenSize) {
        throw new IllegalArgumentException(
            "'%s' reads hidden states of %d values, but those of %s have %d; make routers with 'squint calibrate --routers'"
                .formatted(step, width, model, hiddenSize));
      }
    } else if (trained.weights(step.method().name()).isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' needs weights that were trained with the model, which the package of %s does not have; it has %s; 'squint calibrate --routers --out FILE' makes some without training, for '%s(file=FILE)'"
              .formatted(step, model, trained.names(), step));
    }
    Path file = graph(step);
    if (!positioned.contains(file)) {
      PositionCheck.require(file);
      positioned.add(file);
    }
  }

  /** The router of a step. */
  LayerRouter router(RouterStep step) {
    TrainedWeights read = step.read();
    return step.with(read != null ? read : trained.weights(step.method().name()).orElseThrow());
  }

  /** The decoder for a method; the model's own for routers that it was not tuned with. */
  synchronized StagedDecoder get(RouterStep step) {
    check(step);
    return open.computeIfAbsent(graph(step), this::open);
  }

  private Path graph(RouterStep step) {
    return step.read() != null ? graph : trained.decoder(step.method().name()).orElse(graph);
  }

  private StagedDecoder open(Path file) {
    int layers = GraphRewriter.layers(file, GraphKind.DECODER).size();
    return StagedDecoders.open(
        embeddings, file, StagedDecoder.routedPlan(layers), settings, sharing);
  }

  @Override
  public synchronized void close() {
    open.values().forEach(StagedDecoder::closeStages);
    open.clear();
  }
}
