package dev.squint.llm.decoder;

import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CacheInPlace;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Opens decoders in the form in which they run fastest. Rewritten graphs are stored in the user's
 * cache folder.
 */
public final class StagedDecoders {

  private StagedDecoders() {}

  /**
   * Opens a decoder.
   *
   * @param embeddings takes ownership
   * @param graph of the whole decoder
   * @param plan where it is cut and tapped; without both, it is one stage
   * @throws IllegalArgumentException if the graph is not a decoder's, cannot be cut like this, or
   *     the embeddings are of another size
   * @throws UncheckedIOException if stages cannot be written
   */
  public static StagedDecoder open(
      TextEmbeddings embeddings,
      Path graph,
      CutPlan plan,
      SessionSettings settings,
      Sharing sharing) {
    // Other devices have the operator in half precision or not at all.
    boolean fused = settings.device().equals(Device.CPU);
    if (!plan.equals(CutPlan.after())) {
      CutGraph cut = rewriter().cut(graph, GraphKind.DECODER, plan.withFusedAttention(fused));
      return StagedDecoder.open(embeddings, cut, settings, sharing);
    }
    StagedDecoder inPlace = fused ? inPlace(embeddings, graph, settings, sharing) : null;
    return inPlace != null ? inPlace : StagedDecoder.open(embeddings, graph, settings, sharing);
  }

  /**
   * Opens the rewritten graph.
   *
   * @return null if rewriting gains nothing or is not possible; then the graph itself is opened,
   *     and its messages name its file
   */
  private static @Nullable StagedDecoder inPlace(
      TextEmbeddings embeddings, Path graph, SessionSettings settings, Sharing sharing) {
    try {
      if (CacheInPlace.isPossible(graph)) {
        return null;
      }
      Optional<CutGraph> fused = rewriter().fused(graph);
      return fused.isEmpty()
          ? null
          : StagedDecoder.open(embeddings, fused.get(), settings, sharing);
    } catch (IllegalArgumentException | UncheckedIOException asItIs) {
      return null; // A decoder that is not cut needs no place to write.
    }
  }

  /**
   * Why each step of a decoder copies the keys and values of all tokens; empty if it writes the new
   * ones behind them. On other devices than the processor, all decoders copy.
   *
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   */
  public static Optional<String> whyItCopies(Path graph) {
    try {
      return CacheInPlace.isPossible(graph) ? Optional.empty() : rewriter().fusionObstacle(graph);
    } catch (UncheckedIOException withoutPlace) {
      return Optional.of(String.valueOf(withoutPlace.getMessage()));
    }
  }

  private static GraphRewriter rewriter() {
    return new GraphRewriter(GraphCache.ofUser());
  }
}
