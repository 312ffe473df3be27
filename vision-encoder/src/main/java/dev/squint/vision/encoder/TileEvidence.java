package dev.squint.vision.encoder;

import dev.squint.pruner.Attention;
import dev.squint.pruner.ClsToken;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsLogits;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.onnx.graph.Tap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes what the taps of an encoder show into evidence about visual tokens. Where several patches
 * make a token, attention adds up and everything else is their mean. Encoders without a CLS token
 * give the mean over all queries instead.
 *
 * @param layers number of the encoder's layers
 */
record TileEvidence(int layers) {

  /**
   * A tile, and which rows of its hidden states make its visual tokens.
   *
   * @param cls whether the first row is a CLS token
   * @param rows for each token its rows
   * @param shares for each token which part of the attention to each of its rows is its own
   */
  record Part(TileStates tile, boolean cls, int[][] rows, float[][] shares) {}

  /** Whether taps can show it, if the graph can be tapped. */
  boolean knows(Evidence<?> evidence) {
    Integer layer = layerOf(evidence);
    return layer != null && layer >= 0 && layer < layers;
  }

  private @Nullable Integer layerOf(Evidence<?> evidence) {
    Integer layer = null;
    if (evidence instanceof ClsAttention kind) {
      layer = kind.layer();
    } else if (evidence instanceof ClsLogits kind) {
      layer = kind.layer();
    } else if (evidence instanceof EncoderKeys kind) {
      layer = kind.layer();
    } else if (evidence instanceof EncoderHidden kind) {
      layer = kind.layer();
    } else if (evidence instanceof ClsQueryAndKey kind) {
      layer = kind.layer();
    }
    return layer == null || layer >= 0 ? layer : Integer.valueOf(layers + layer);
  }

  /** The layer that evidence is about, from 0. */
  int layer(Evidence<?> evidence) {
    Integer layer = layerOf(evidence);
    if (layer == null) {
      throw new IllegalArgumentException("no layer of an encoder shows " + evidence);
    }
    return layer;
  }

  /** The taps that show some evidence. */
  Set<Tap> taps(Set<? extends Evidence<?>> wanted) {
    Set<Tap> taps = new LinkedHashSet<>();
    for (Evidence<?> evidence : wanted) {
      int layer = layer(evidence);
      if (evidence instanceof EncoderHidden) {
        taps.add(Tap.hidden(layer));
        continue;
      }
      taps.add(Tap.keys(layer));
      if (evidence instanceof ClsAttention) {
        taps.add(Tap.queries(layer));
        taps.add(Tap.meanAttention(layer));
      } else if (evidence instanceof ClsLogits) {
        taps.add(allQueries(layer));
      } else if (evidence instanceof ClsQueryAndKey) {
        taps.add(Tap.queries(layer));
      }
    }
    return taps;
  }

  /** Number of a tile's hidden states where the evidence was tapped. */
  int rows(TileStates tile, Set<? extends Evidence<?>> wanted) {
    Evidence<?> any = wanted.iterator().next();
    return any instanceof EncoderHidden
        ? tile.tap(Tap.hidden(layer(any))).size(0)
        : tile.tap(Tap.keys(layer(any))).size(1);
  }

  private static Tap allQueries(int layer) {
    return new Tap(layer, Tap.Value.QUERIES, Tap.Rows.ALL, false);
  }

  /** The evidence about the tokens of all tiles. */
  EvidenceSet observed(Set<? extends Evidence<?>> wanted, List<Part> parts) {
    EvidenceSet observed = EvidenceSet.nothing();
    for (Evidence<?> evidence : wanted) {
      observed = with(observed, evidence, layer(evidence), parts);
    }
    return observed;
  }

  private static EvidenceSet with(
      EvidenceSet observed, Evidence<?> evidence, int layer, List<Part> parts) {
    if (evidence instanceof ClsAttention kind) {
      Matrix perHead =
          Matrix.sideBySide(parts.stream().map(part -> attention(part, layer)).toList());
      return observed.with(
          kind, new Attention(perHead, !parts.get(0).cls()), operations(evidence, layer, parts));
    }
    if (evidence instanceof ClsLogits kind) {
      Matrix perHead = Matrix.sideBySide(parts.stream().map(part -> logits(part, layer)).toList());
      return observed.with(
          kind, new Logits(perHead, !parts.get(0).cls()), operations(evidence, layer, parts));
    }
    if (evidence instanceof EncoderKeys kind) {
      int heads = parts.get(0).tile().tap(Tap.keys(layer)).size(0);
      Matrix rows =
          Matrix.stacked(
              parts.stream()
                  .map(part -> means(part, headsJoined(part.tile().tap(Tap.keys(layer)))))
                  .toList());
      return observed.with(kind, new Keys(rows, heads), operations(evidence, layer, parts));
    }
    if (evidence instanceof EncoderHidden kind) {
      return observed.with(
          kind,
          Matrix.stacked(
              parts.stream()
                  .map(part -> means(part, matrix(part.tile().tap(Tap.hidden(layer)))))
                  .toList()),
          operations(evidence, layer, parts));
    }
    if (evidence instanceof ClsQueryAndKey kind) {
      return observed.with(kind, clsToken(parts, layer), operations(evidence, layer, parts));
    }
    throw new IllegalArgumentException("no layer of an encoder shows " + evidence);
  }

  private static double operations(Evidence<?> evidence, int layer, List<Part> parts) {
    return parts.stream().mapToDouble(part -> operations(evidence, layer, part)).sum();
  }

  /**
   * What it takes beside the layer itself to show evidence of a tile, {@link Operations}: the
   * attention is computed again, of the CLS token or, as its substitute, of all patches.
   */
  static double operations(Evidence<?> evidence, int layer, Part part) {
    double rows = Stream.of(part.rows()).mapToInt(of -> of.length).sum();
    if (evidence instanceof EncoderHidden) {
      return meaning(part, rows) * part.tile().tap(Tap.hidden(layer)).size(1);
    }
    Values keys = part.tile().tap(Tap.keys(layer));
    double heads = keys.size(0);
    double all = keys.size(1);
    double dim = keys.size(2);
    if (evidence instanceof ClsAttention) {
      double queries = part.cls() ? 1 : all;
      double mean = part.cls() ? 0 : heads * Operations.columnMeans(all, all);
      return Operations.attention(heads, queries, all, dim)
          + mean
          + 2 * heads * meaning(part, rows);
    }
    if (evidence instanceof ClsLogits) {
      double mean = part.cls() ? 0 : heads * Operations.columnMeans(all, dim);
      return mean + heads * (Operations.dots(1, all, dim) + meaning(part, rows));
    }
    return evidence instanceof EncoderKeys ? meaning(part, rows) * heads * dim : heads * dim;
  }

  /** Sums and divisions for the means of each token's rows; none where each token is one row. */
  private static double meaning(Part part, double rows) {
    return rows == part.rows().length ? 0 : rows + part.rows().length;
  }

  /** [H, tokens]. */
  private static Matrix attention(Part part, int layer) {
    Matrix perRow;
    if (part.cls()) {
      perRow =
          softmax(
              dots(part.tile().tap(Tap.queries(layer)), part.tile().tap(Tap.keys(layer))), part);
    } else {
      perRow = matrix(part.tile().tap(Tap.meanAttention(layer)));
    }
    float[] perToken = new float[perRow.rows() * part.rows().length];
    for (int h = 0; h < perRow.rows(); h++) {
      for (int t = 0; t < part.rows().length; t++) {
        float sum = 0;
        for (int i = 0; i < part.rows()[t].length; i++) {
          sum += part.shares()[t][i] * perRow.get(h, part.rows()[t][i]);
        }
        perToken[h * part.rows().length + t] = sum;
      }
    }
    return new Matrix(perRow.rows(), part.rows().length, perToken);
  }

  private static Matrix softmax(Matrix logits, Part part) {
    float[] bias = part.tile().keyBias();
    float[] attention = new float[logits.rows() * logits.cols()];
    for (int h = 0; h < logits.rows(); h++) {
      double most = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < logits.cols(); j++) {
        most = Math.max(most, logits.get(h, j) + bias(bias, j));
      }
      double sum = 0;
      for (int j = 0; j < logits.cols(); j++) {
        double value = Math.exp(logits.get(h, j) + bias(bias, j) - most);
        attention[h * logits.cols() + j] = (float) value;
        sum += value;
      }
      for (int j = 0; j < logits.cols(); j++) {
        attention[h * logits.cols() + j] /= (float) sum;
      }
    }
    return new Matrix(logits.rows(), logits.cols(), attention);
  }

  /** The bias of a key; of an encoder in one stage only the visual tokens' are known, all 0. */
  private static float bias(float[] bias, int row) {
    return row < bias.length ? bias[row] : 0;
  }

  /** Logits of the CLS token, or of the mean query, for each token, [H, tokens]. */
  private static Matrix logits(Part part, int layer) {
    Values queries = part.tile().tap(allQueries(layer));
    Matrix dots =
        dots(part.cls() ? firstRow(queries) : meanRow(queries), part.tile().tap(Tap.keys(layer)));
    float[] perToken = new float[dots.rows() * part.rows().length];
    for (int h = 0; h < dots.rows(); h++) {
      for (int t = 0; t < part.rows().length; t++) {
        float sum = 0;
        for (int row : part.rows()[t]) {
          sum += dots.get(h, row);
        }
        perToken[h * part.rows().length + t] = sum / part.rows()[t].length;
      }
    }
    return new Matrix(dots.rows(), part.rows().length, perToken);
  }

  private static ClsToken clsToken(List<Part> parts, int layer) {
    if (!parts.get(0).cls()) {
      throw new IllegalArgumentException(
          "the encoder has no CLS token, so there is no query and key of one; choose variant=paper");
    }
    float[][] queries = new float[parts.size()][];
    float[][] keys = new float[parts.size()][];
    for (int t = 0; t < queries.length; t++) {
      TileStates tile = parts.get(t).tile();
      Values query = tile.tap(Tap.queries(layer));
      queries[t] = headsJoined(query).row(0);
      // The tap is scaled by 1 / sqrt(d), the evidence is not.
      float scale = (float) Math.sqrt(query.size(2));
      for (int i = 0; i < queries[t].length; i++) {
        queries[t][i] *= scale;
      }
      keys[t] = headsJoined(tile.tap(Tap.keys(layer))).row(0);
    }
    return new ClsToken(Matrix.of(queries), Matrix.of(keys));
  }

  private static Values firstRow(Values perHead) {
    int heads = perHead.size(0);
    int dim = perHead.size(2);
    float[] first = new float[heads * dim];
    for (int h = 0; h < heads; h++) {
      System.arraycopy(perHead.values(), h * perHead.size(1) * dim, first, h * dim, dim);
    }
    return new Values(first, new long[] {heads, 1, dim});
  }

  private static Values meanRow(Values perHead) {
    int heads = perHead.size(0);
    int rows = perHead.size(1);
    int dim = perHead.size(2);
    float[] means = new float[heads * dim];
    for (int h = 0; h < heads; h++) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < dim; c++) {
          means[h * dim + c] += perHead.values()[(h * rows + r) * dim + c] / rows;
        }
      }
    }
    return new Values(means, new long[] {heads, 1, dim});
  }

  /** One query's products with all keys, [H, S]. */
  private static Matrix dots(Values query, Values keys) {
    int heads = keys.size(0);
    int rows = keys.size(1);
    int dim = keys.size(2);
    float[] dots = new float[heads * rows];
    for (int h = 0; h < heads; h++) {
      for (int r = 0; r < rows; r++) {
        float sum = 0;
        for (int c = 0; c < dim; c++) {
          sum += query.values()[h * dim + c] * keys.values()[(h * rows + r) * dim + c];
        }
        dots[h * rows + r] = sum;
      }
    }
    return new Matrix(heads, rows, dots);
  }

  /** From [H, S, d] to [S, H * d]. */
  private static Matrix headsJoined(Values perHead) {
    int heads = perHead.size(0);
    int rows = perHead.size(1);
    int dim = perHead.size(2);
    float[] joined = new float[heads * rows * dim];
    for (int h = 0; h < heads; h++) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(
            perHead.values(), (h * rows + r) * dim, joined, (r * heads + h) * dim, dim);
      }
    }
    return new Matrix(rows, heads * dim, joined);
  }

  private static Matrix matrix(Values values) {
    return new Matrix(values.size(0), values.size(1), values.values());
  }

  /** The mean of each token's rows, [tokens, D]. */
  private static Matrix means(Part part, Matrix rows) {
    float[][] means = new float[part.rows().length][rows.cols()];
    for (int t = 0; t < means.length; t++) {
      for (int row : part.rows()[t]) {
        for (int c = 0; c < means[t].length; c++) {
          means[t][c] += rows.get(row, c) / part.rows()[t].length;
        }
      }
    }
    return Matrix.of(means);
  }
}
