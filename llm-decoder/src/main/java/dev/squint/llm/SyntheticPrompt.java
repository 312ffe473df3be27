package dev.squint.llm;

import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * A prompt whose visual tokens are given and not encoded from pictures, so that a decoder can be
 * measured with any number of them. A plan acts on it from the point {@code encoder} on.
 *
 * @param before embeddings of the text before the visual tokens, [B, D]
 * @param visual the visual tokens as the decoder takes them, with the encoder's evidence about
 *     them, [N, D]
 * @param after embeddings of the text that follows, which counts as the question, [T, D]
 */
public record SyntheticPrompt(Matrix before, PatchTokens visual, Matrix after) {

  /** Checks that the embeddings have one size. */
  public SyntheticPrompt {
    int size = visual.features().cols();
    if (before.cols() != size || after.cols() != size) {
      throw new IllegalArgumentException(
          "text embeddings of %d and %d values do not fit visual tokens of %d"
              .formatted(before.cols(), after.cols(), size));
    }
  }

  /**
   * A prompt that has run.
   *
   * @param session ready to decode
   * @param pruneMillis milliseconds that choosing and merging took
   */
  public record Prefilled(DecodingSession session, double pruneMillis) implements AutoCloseable {
    @Override
    public void close() {
      session.close();
    }
  }

  /**
   * Runs the prompt. The model must stay open, and must not be prepared for another plan, until the
   * result is closed.
   *
   * @return to be closed by the caller
   * @throws IllegalArgumentException if the model cannot follow the plan, or the embeddings have
   *     another size than the decoder's
   */
  public Prefilled prefill(VisionLanguageModel model, PruningPlan given) {
    if (given.router() != null) {
      throw new IllegalArgumentException(
          "'%s' routes tokens in every layer; plans on given tokens may not".formatted(given));
    }
    PruningPlan plan = model.plans().prepare(given);
    Stopwatch watch = new Stopwatch();
    TokenReduction reduction = plan.reduce(Point.ENCODER, visual);
    PatchTokens kept = visual.reduced(reduction);
    double choosing = watch.total();
    int[] places = IntStream.range(before.rows(), before.rows() + kept.size()).toArray();
    PromptEmbeddings embeddings =
        NeighbourAttention.paired(plan, embeddings(kept.features()), places, kept);
    LayerPruning pruning =
        new LayerPruning(
            AskOptions.DEFAULT.withPlan(
                plan.schedule() == null
                    ? plan
                    : plan.counted(model.parts().decoders().staged().layerCount(), kept.size())),
            new LayerSources(model.trained(), model.decoder()::keyRotation),
            embeddings,
            places,
            after.rows(),
            RequestEvidence.addForLayers(kept, plan, kept.features(), () -> after),
            reduction);
    DecodingSession session =
        model
            .decoder()
            .prefill(
                PrefillRequest.of(embeddings)
                    .withHook(pruning)
                    .withCache(plan.cache(), places)
                    .withExits(plan.exits()));
    return new Prefilled(session, choosing + pruning.millis());
  }

  private PromptEmbeddings embeddings(Matrix kept) {
    int tokens = before.rows() + kept.rows() + after.rows();
    FloatBuffer values =
        DirectBuffers.floats((long) tokens * kept.cols())
            .put(before.data())
            .put(kept.data())
            .put(after.data());
    return new PromptEmbeddings(values.flip(), PositionIds.counting(0, tokens), tokens);
  }
}
