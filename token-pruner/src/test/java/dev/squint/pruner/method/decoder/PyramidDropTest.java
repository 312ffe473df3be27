package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.NextLayerAttention;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;

public class PyramidDropTest {

  public static void agreesWith(GoldenCase golden) {
    int prefix = golden.integer("prefix");
    int visual = golden.integer("visual");
    int text = golden.integer("text");
    int heads = golden.integer("heads");
    int headDim = golden.integer("head_dim");
    Matrix features = golden.matrix("features");
    Matrix queries = features.timesTransposed(golden.matrix("Wq"));
    Matrix keys = features.timesTransposed(golden.matrix("Wk"));
    PyramidDrop method = new PyramidDrop();

    int[] kept = Prompts.range(0, visual);
    for (GoldenCase stage : golden.parts("stages")) {
      stage.ignore("stage");
      stage.ignore("min_gap");
      // 8, 16 and 24, of which each leaves half of the tokens.
      stage.ignore("rank_layer");
      stage.assertInteger("visual_in", kept.length);
      int[] rows = Prompts.rows(prefix, visual, text, kept);
      Matrix attention = lastQuery(queries, keys, rows, heads, headDim);
      LayerTokens tokens =
          Prompts.visual(
              kept.length,
              EvidenceSet.nothing()
                  .with(
                      new NextLayerAttention(),
                      Attention.of(
                          attention.columns(Prompts.range(prefix, prefix + kept.length)))));

      stage.assertFloats("scores", method.score(tokens));
      Budget half = Budget.count(stage.integer("keep"));
      kept = Prompts.pick(kept, method.reduce(tokens, half).kept());
      stage.assertIntegers("kept_original", kept);
      stage.assertIntegers(
          "position_ids_after",
          Prompts.positions(method.continuation(), Prompts.rows(prefix, visual, text, kept)));
    }
  }

  /** Attention of the last of the rows to all of them, [H, rows]. */
  private static Matrix lastQuery(Matrix queries, Matrix keys, int[] rows, int heads, int headDim) {
    float[][] attention = new float[heads][rows.length];
    int last = rows[rows.length - 1];
    for (int h = 0; h < heads; h++) {
      double sum = 0;
      double[] weights = new double[rows.length];
      for (int j = 0; j < rows.length; j++) {
        double dot = 0;
        for (int c = h * headDim; c < (h + 1) * headDim; c++) {
          dot += (double) queries.get(last, c) * keys.get(rows[j], c);
        }
        weights[j] = Math.exp(dot / Math.sqrt(headDim));
        sum += weights[j];
      }
      for (int j = 0; j < rows.length; j++) {
        attention[h][j] = (float) (weights[j] / sum);
      }
    }
    return Matrix.of(attention);
  }
}
