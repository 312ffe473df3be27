package dev.squint.pruner.method.patches;

import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.maths.Softmax;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.function.Function;

/** Scores of the tokens of global views, of each view by itself. */
final class ViewScores {
  private ViewScores() {}

  /** The scores of each view's tokens, [N]; different views are not compared. */
  static float[] perView(PatchTokens views, Function<PatchTokens, float[]> score) {
    float[] scores = new float[views.size()];
    for (int v = 0; v < views.tiles().size(); v++) {
      int[] tokens = views.ofTile(v);
      if (tokens.length > 0) {
        float[] own = score.apply(views.tile(v));
        for (int i = 0; i < tokens.length; i++) {
          scores[tokens[i]] = own[i];
        }
      }
    }
    return scores;
  }

  /** The softmax of each view's relevance to the question, which adds up to 1, [N]. */
  static float[] relevance(TextGuided guided, PatchTokens views, double temperature) {
    return perView(
        views,
        view -> {
          float[] raw = guided.score(view);
          double[] powers = Softmax.of(raw.length, temperature, i -> raw[i]);
          float[] shares = new float[raw.length];
          for (int i = 0; i < shares.length; i++) {
            shares[i] = (float) powers[i];
          }
          return shares;
        });
  }

  /** Operations of the scores of all views. */
  static double operations(TextGuided guided, PatchTokens views) {
    double operations = 0;
    for (int v = 0; v < views.tiles().size(); v++) {
      operations += guided.operations(views, views.ofTile(v).length);
    }
    return operations;
  }
}
