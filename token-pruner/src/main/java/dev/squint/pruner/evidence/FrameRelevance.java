package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.maths.RelevanceHead;
import java.util.Arrays;
import java.util.Set;

/**
 * Relevance of each picture or video frame to the question, in [0, 1], [1, frames]: the package's
 * trained head gives the probability that the frame's most relevant token answers the question.
 */
public record FrameRelevance() implements RequestRowsKind, Derived<Matrix> {
  private static final QuestionEmbeddings QUESTION = new QuestionEmbeddings();
  private static final Trained HEAD = new Trained("relevance");

  @Override
  public Evidence.Source source() {
    return Evidence.Source.QUESTION;
  }

  @Override
  public Set<Evidence<?>> from() {
    return Set.of(QUESTION, HEAD);
  }

  @Override
  public Matrix derive(PatchTokens tokens) {
    float[] logits =
        new RelevanceHead(tokens.evidence(HEAD))
            .logits(tokens.features(), tokens.evidence(QUESTION));
    int frames = 1 + tokens.tiles().stream().mapToInt(tile -> tile.frame()).max().orElse(0);
    float[] best = new float[frames];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < logits.length; j++) {
      int frame = tokens.tiles().get(tokens.positions().get(j).tile()).frame();
      best[frame] = Math.max(best[frame], logits[j]);
    }
    for (int f = 0; f < frames; f++) {
      best[f] = (float) (1 / (1 + Math.exp(-best[f])));
    }
    return Matrix.of(best);
  }

  @Override
  public double operations(PatchTokens tokens) {
    return new RelevanceHead(tokens.evidence(HEAD))
        .operations(tokens.size(), tokens.evidence(QUESTION).rows());
  }
}
