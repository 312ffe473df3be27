package dev.squint.llm;

import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.FrameRelevance;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What methods read that neither encoder nor decoder shows: the question, and weights of the
 * package.
 *
 * @param question the question's embeddings, [T, D]
 * @param trained what the package holds
 * @param glance looks at the global views before anything else is encoded
 */
record RequestEvidence(Supplier<Matrix> question, TrainedMethods trained, Glance glance) {

  private static final QuestionEmbeddings QUESTION = new QuestionEmbeddings();
  private static final FrameRelevance FRAMES = new FrameRelevance();
  private static final TextGuided HEAD = new TextGuided(TextGuided.Guide.HEAD, 0.1);

  /** Lets the first decoder layers look at global views. */
  @FunctionalInterface
  interface Glance {
    /** The same tokens with this evidence. */
    PatchTokens tell(PatchTokens views, GlanceAttention kind);
  }

  /** Whether a package with these weights gives a kind of evidence at a point. */
  static boolean gives(TrainedMethods trained, Evidence<?> evidence, Point point) {
    if (evidence instanceof Trained kind) {
      return trained
          .weights(kind.method())
          .map(TrainedWeights::points)
          .map(points -> points.isEmpty() || points.contains(point))
          .orElse(false);
    }
    return !evidence.equals(FRAMES) || trained.weights("relevance").isPresent();
  }

  /** The tokens with what they need of this. */
  PatchTokens tell(PatchTokens tokens, Set<Evidence<?>> needs) {
    PatchTokens told = needs.contains(QUESTION) ? tokens.with(QUESTION, question.get()) : tokens;
    for (Evidence<?> need : needs) {
      if (need instanceof Trained kind) {
        told = told.with(kind, weights(kind));
      } else if (need instanceof GlanceAttention kind) {
        told = glance.tell(told, kind);
      }
    }
    if (needs.contains(FRAMES)) {
      PatchTokens known = tell(tokens, HEAD.needs());
      told = told.with(FRAMES, frames(known), HEAD.operations(known));
    }
    return told;
  }

  /** What is observed with the weights that are needed at a point. */
  static EvidenceSet tell(
      EvidenceSet observed, TrainedMethods trained, Set<Evidence<?>> needs, Point point) {
    EvidenceSet told = observed;
    for (Evidence<?> need : needs) {
      if (need instanceof Trained kind) {
        told = told.with(kind, trained.weights(kind.method()).orElseThrow().at(point));
      }
    }
    return told;
  }

  private TrainedWeights weights(Trained kind) {
    return trained.weights(kind.method()).orElseThrow();
  }

  /** Of each frame the probability that its most relevant token is one asked about, [1, frames]. */
  private static Matrix frames(PatchTokens tokens) {
    float[] logits = HEAD.score(tokens);
    int count = 1 + tokens.tiles().stream().mapToInt(tile -> tile.frame()).max().orElse(0);
    float[] best = new float[count];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < logits.length; j++) {
      int frame = tokens.tiles().get(tokens.positions().get(j).tile()).frame();
      best[frame] = Math.max(best[frame], logits[j]);
    }
    for (int f = 0; f < count; f++) {
      best[f] = (float) (1 / (1 + Math.exp(-best[f])));
    }
    return Matrix.of(best);
  }
}
