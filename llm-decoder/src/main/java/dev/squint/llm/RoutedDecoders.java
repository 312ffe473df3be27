package dev.squint.llm;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.plan.RouterStep;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.GraphCache;
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
  private final TrainedMethods trained;
  private final TextEmbeddings embeddings;
  private final SessionSettings settings;
  private final Sharing sharing;
  private final Map<String, StagedDecoder> open = new HashMap<>();
  private final Set<String> positioned = ConcurrentHashMap.newKeySet();

  /**
   * Opens nothing yet.
   *
   * @param model the model's name
   * @param graph the model's decoder, for methods that bring none of their own
   * @param embeddings stay the caller's
   * @param sharing how requests share the decoders
   */
  RoutedDecoders(
      String model,
      Path graph,
      TrainedMethods trained,
      TextEmbeddings embeddings,
      SessionSettings settings,
      Sharing sharing) {
    this.model = model;
    this.graph = graph;
    this.trained = trained;
    this.embeddings = embeddings;
    this.settings = settings;
    this.sharing = sharing;
  }

  /**
   * Checks that the package has the weights that a method needs, and that its decoder keeps the
   * positions of tokens where others skip a layer.
   *
   * @throws IllegalArgumentException if not
   */
  void check(RouterStep step) {
    if (trained.weights(step.method().name()).isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' needs weights that were trained with the model, which the package of %s does not have; it has %s"
              .formatted(step, model, trained.names()));
    }
    String method = step.method().name();
    if (!positioned.contains(method)) {
      PositionCheck.require(trained.decoder(method).orElse(graph));
      positioned.add(method);
    }
  }

  /** The decoder for a method. */
  synchronized StagedDecoder get(RouterStep step) {
    check(step);
    return open.computeIfAbsent(step.method().name(), this::open);
  }

  private StagedDecoder open(String method) {
    Path file = trained.decoder(method).orElse(graph);
    int layers = GraphRewriter.layers(file, GraphKind.DECODER).size();
    return StagedDecoder.open(
        embeddings,
        new GraphRewriter(GraphCache.ofUser())
            .cut(file, GraphKind.DECODER, StagedDecoder.routedPlan(layers)),
        settings,
        sharing);
  }

  @Override
  public synchronized void close() {
    open.values().forEach(StagedDecoder::closeStages);
    open.clear();
  }
}
