package dev.squint.samples;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;

/** Defines a new pruning method and asks with it. */
public final class WriteYourOwnPruner {
  private WriteYourOwnPruner() {}

  /** Keeps the tokens that differ most from the picture's mean token. */
  record Unusual() implements TokenScorer<PatchTokens> {
    @Override
    public float[] score(PatchTokens tokens) {
      Matrix features = tokens.features();
      Matrix centred = features.minus(features.columnMeans());
      float[] score = new float[centred.rows()];
      for (int i = 0; i < score.length; i++) {
        for (float value : centred.row(i)) {
          score[i] += value * value;
        }
      }
      return score;
    }

    @Override
    public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
      // Per value: an addition for the mean, a difference, a square and a sum.
      return 4.0 * tokens.size() * tokens.features().cols();
    }
  }

  public static void main(String[] args) {
    MethodCatalogue pruners =
        MethodCatalogue.all()
            .with(Method.own("unusual", PatchTokens.class, new Unusual(), Point.Kind.ENCODER));
    AskOptions options = AskOptions.DEFAULT.withPlan(pruners.plan("encoder:unusual(keep=0.3)"));
    Picture picture = new PictureReader().read(Path.of("samples/pictures/shapes.png"));
    try (VisionLanguageModel model =
        VisionLanguageModel.load(Path.of("samples/tiny-vlm/package"))) {
      Answer answer = model.ask(List.of(picture), "Is there a red heart?", options);
      System.out.printf(
          "%s, from %d of %d visual tokens%n",
          answer.text(), answer.keptVisualTokens(), answer.visualTokens());
    }
  }
}
