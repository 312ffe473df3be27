package dev.squint.llm;

import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.GroupPixels;
import dev.squint.pruner.evidence.PixelChange;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.TextRelevance;
import dev.squint.pruner.evidence.Trained;
import dev.squint.vision.encoder.GroupSelection;
import dev.squint.vision.video.FrameDifference;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The kinds of evidence that come from the request or the package, not from taps of a graph. A new
 * kind is one more class here, and its instance in {@link #ALL}.
 */
final class RequestReadings {

  private static final List<RequestReading<?>> ALL =
      List.of(
          new OfQuestionEmbeddings(),
          new OfTrained(),
          new OfGlanceAttention(),
          new OfPixelChange(),
          new OfGroupPixels(),
          new OfTextRelevance());

  private RequestReadings() {}

  /** The reading of a kind of evidence, if there is one of requests and packages. */
  static Optional<RequestReading<?>> of(Evidence<?> evidence) {
    return ALL.stream().filter(reading -> reading.reads(evidence)).findFirst();
  }

  private static boolean beforeDecoder(Point point) {
    return Set.of(Point.TILES, Point.PATCHES, Point.ENCODER).contains(point);
  }

  /** Embeddings of the question, which the decoder computes anyway. */
  private static final class OfQuestionEmbeddings extends RequestReading<QuestionEmbeddings> {
    OfQuestionEmbeddings() {
      super(QuestionEmbeddings.class);
    }

    @Override
    boolean gives(TrainedMethods trained, Evidence<?> wanted, Point point) {
      return beforeDecoder(point);
    }

    @Override
    PatchTokens addTo(PatchTokens tokens, Evidence<?> wanted, RequestEvidence request) {
      return tokens.with(cast(wanted), request.question().get());
    }
  }

  /** Weights of the package, at every point that they were trained for. */
  private static final class OfTrained extends RequestReading<Trained> {
    OfTrained() {
      super(Trained.class);
    }

    @Override
    boolean gives(TrainedMethods trained, Evidence<?> wanted, Point point) {
      return trained
          .weights(cast(wanted).method())
          .map(TrainedWeights::points)
          .map(points -> points.isEmpty() || points.contains(point))
          .orElse(false);
    }

    @Override
    PatchTokens addTo(PatchTokens tokens, Evidence<?> wanted, RequestEvidence request) {
      return tokens.with(cast(wanted), weights(request.trained(), cast(wanted)));
    }

    @Override
    EvidenceSet addAtLayer(
        EvidenceSet to, Evidence<?> wanted, TrainedMethods trained, Point point) {
      return to.with(cast(wanted), weights(trained, cast(wanted)).at(point));
    }

    private static TrainedWeights weights(TrainedMethods trained, Trained wanted) {
      return trained.weights(wanted.method()).orElseThrow();
    }
  }

  /** Attention of the question to the global views in the first decoder layers. */
  private static final class OfGlanceAttention extends RequestReading<GlanceAttention> {
    OfGlanceAttention() {
      super(GlanceAttention.class);
    }

    // The decoder's own check tests whether it can be cut there.
    @Override
    boolean gives(TrainedMethods trained, Evidence<?> wanted, Point point) {
      return point.equals(Point.TILES);
    }

    @Override
    PatchTokens addTo(PatchTokens tokens, Evidence<?> wanted, RequestEvidence request) {
      return request.glance().addTo(tokens, cast(wanted));
    }
  }

  /** Change of the pixels from frame to frame. */
  private static final class OfPixelChange extends RequestReading<PixelChange> {
    OfPixelChange() {
      super(PixelChange.class);
    }

    @Override
    boolean gives(TrainedMethods trained, Evidence<?> wanted, Point point) {
      return point.equals(Point.ENCODER);
    }

    @Override
    PatchTokens addTo(PatchTokens tokens, Evidence<?> wanted, RequestEvidence request) {
      return tokens.with(
          cast(wanted),
          FrameDifference.of(request.frames(), tokens),
          FrameDifference.operations(request.frames()));
    }
  }

  /** The pixels of groups of patches. */
  private static final class OfGroupPixels extends RequestReading<GroupPixels> {
    OfGroupPixels() {
      super(GroupPixels.class);
    }

    @Override
    boolean gives(TrainedMethods trained, Evidence<?> wanted, Point point) {
      return point.equals(Point.PATCHES);
    }

    @Override
    PatchGroups addTo(PatchGroups groups, Evidence<?> wanted, RequestEvidence request) {
      return groups.with(cast(wanted), GroupSelection.pixels(request.frames(), groups));
    }
  }

  /** Similarity of the visual tokens and the text after the pictures. */
  private static final class OfTextRelevance extends RequestReading<TextRelevance> {
    OfTextRelevance() {
      super(TextRelevance.class);
    }

    @Override
    boolean gives(TrainedMethods trained, Evidence<?> wanted, Point point) {
      return point.kind() == Point.Kind.DECODER;
    }

    @Override
    PatchTokens addForLayers(
        PatchTokens tokens, Evidence<?> wanted, Matrix visual, Supplier<Matrix> text) {
      Matrix words = text.get();
      return tokens.with(
          cast(wanted), TextRelevance.of(visual, words), TextRelevance.operations(visual, words));
    }
  }
}
