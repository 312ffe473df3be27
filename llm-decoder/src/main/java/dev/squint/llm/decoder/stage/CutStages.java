package dev.squint.llm.decoder.stage;

import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CacheInPlace;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.LayerInfo;
import java.util.ArrayList;
import java.util.List;

/** Opens the stages of a decoder that is cut between layers. */
public final class CutStages {

  private CutStages() {}

  /**
   * Opens all stages; if one fails, those before it are closed.
   *
   * @throws IllegalArgumentException if a stage is not a decoder's
   */
  public static List<DecoderStage> open(CutGraph cut, SessionSettings settings) {
    // Stages run in turn, so without an arena they share working memory. But the attention matrices
    // of single operators are so large that mapping them for each takes longer than the operators.
    boolean arena =
        cut.stages().size() == 1 || cut.layers().stream().anyMatch(LayerInfo::isSpelledOut);
    SessionSettings inTurn = settings.withArena(settings.arena() && arena);
    List<DecoderStage> stages = new ArrayList<>();
    try {
      for (int i = 0; i < cut.stages().size(); i++) {
        stages.add(open(cut, i, inTurn));
      }
      return List.copyOf(stages);
    } catch (RuntimeException e) {
      stages.forEach(DecoderStage::close);
      throw e;
    }
  }

  private static DecoderStage open(CutGraph cut, int stage, SessionSettings settings) {
    return OnnxSession.open(cut.file(stage), cut.weights(), settings)
        .owned(
            it ->
                new DecoderStage(
                    it,
                    CacheInPlace.isPossible(cut.file(stage)),
                    cut.stages().size(),
                    cut.stages().get(stage),
                    cut.layers()));
  }
}
