package dev.squint.vision.encoder;

import dev.squint.pruner.Attention;
import dev.squint.pruner.ClsToken;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsAttentionAt;
import dev.squint.pruner.evidence.ClsLogits;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.EarlierHidden;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.evidence.ReceivedAttention;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.onnx.graph.Tap;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntBiFunction;
import java.util.function.ToIntFunction;

/**
 * The kinds of evidence that taps on an encoder provide. To add a kind, write a class here and add
 * an instance to {@link #ALL}.
 *
 * <p>Where several patches make a token, its attention is the sum over the patches and all other
 * evidence is their mean. For encoders without a CLS token, the mean over all queries is used
 * instead.
 */
final class TileReadings {

  private static final List<TileReading<?, ?>> ALL =
      List.of(
          new OfClsAttention<ClsAttention>(ClsAttention.class, ClsAttention::layer),
          new OfClsAttention<ClsAttentionAt>(ClsAttentionAt.class, ClsAttentionAt::layer),
          new OfReceivedAttention(),
          new OfClsLogits(),
          new OfClsQueryAndKey(),
          new OfKeys(),
          new OfHidden(),
          new FlowReading(),
          new OfEarlierHidden());

  private TileReadings() {}

  /** The reader of a kind of evidence, if taps provide it. */
  static Optional<TileReading<?, ?>> of(Evidence<?> evidence) {
    return ALL.stream().filter(reading -> reading.reads(evidence)).findFirst();
  }

  /**
   * Attention of the CLS token, recomputed from queries and keys; without a CLS token, the mean
   * attention of all patches.
   */
  private static final class OfClsAttention<K extends Evidence<Attention>>
      extends TileReading<K, Attention> {
    OfClsAttention(Class<K> kind, ToIntFunction<K> layer) {
      super(kind, layer);
    }

    OfClsAttention(Class<K> kind, ToIntBiFunction<K, Integer> layer) {
      super(kind, layer);
    }

    @Override
    List<Tap> taps(int layer) {
      return List.of(Tap.keys(layer), Tap.queries(layer), Tap.meanAttention(layer));
    }

    @Override
    Attention read(List<TilePart> parts, int layer) {
      return new Attention(
          Matrix.sideBySide(parts.stream().map(part -> ofTile(part, layer)).toList()),
          !parts.get(0).cls());
    }

    private static Matrix ofTile(TilePart part, int layer) {
      if (!part.cls()) {
        return part.sharesOfColumns(HeadMaths.matrix(part.tap(Tap.meanAttention(layer))));
      }
      Matrix logits = HeadMaths.dots(part.tap(Tap.queries(layer)), part.tap(Tap.keys(layer)));
      return part.sharesOfColumns(HeadMaths.softmax(logits, part.tile().keyBias()));
    }

    @Override
    double operations(TilePart part, int layer) {
      Values keys = part.tap(Tap.keys(layer));
      double heads = keys.size(0);
      double all = keys.size(1);
      double queries = part.cls() ? 1 : all;
      double mean = part.cls() ? 0 : heads * Operations.columnMeans(all, all);
      return Operations.attention(heads, queries, all, keys.size(2))
          + mean
          + 2 * heads * part.meanOperations();
    }
  }

  /** Attention that each patch receives, mean over all queries. */
  private static final class OfReceivedAttention extends TileReading<ReceivedAttention, Attention> {
    OfReceivedAttention() {
      super(ReceivedAttention.class, ReceivedAttention::layer);
    }

    @Override
    List<Tap> taps(int layer) {
      return List.of(Tap.keys(layer), Tap.meanAttention(layer));
    }

    @Override
    Attention read(List<TilePart> parts, int layer) {
      return Attention.of(
          Matrix.sideBySide(
              parts.stream()
                  .map(
                      part ->
                          part.sharesOfColumns(
                              HeadMaths.matrix(part.tap(Tap.meanAttention(layer)))))
                  .toList()));
    }

    @Override
    double operations(TilePart part, int layer) {
      Values keys = part.tap(Tap.keys(layer));
      double heads = keys.size(0);
      double all = keys.size(1);
      return Operations.attention(heads, all, all, keys.size(2))
          + heads * Operations.columnMeans(all, all)
          + 2 * heads * part.meanOperations();
    }
  }

  /**
   * Logits of the CLS token, or of the mean query. Logits are linear in the query, so the mean
   * query gives the mean logits.
   */
  private static final class OfClsLogits extends TileReading<ClsLogits, Logits> {
    OfClsLogits() {
      super(ClsLogits.class, ClsLogits::layer);
    }

    private static Tap allQueries(int layer) {
      return new Tap(layer, Tap.Value.QUERIES, Tap.Rows.ALL, false);
    }

    @Override
    List<Tap> taps(int layer) {
      return List.of(Tap.keys(layer), allQueries(layer));
    }

    @Override
    Logits read(List<TilePart> parts, int layer) {
      return new Logits(
          Matrix.sideBySide(parts.stream().map(part -> ofTile(part, layer)).toList()),
          !parts.get(0).cls());
    }

    private static Matrix ofTile(TilePart part, int layer) {
      Values queries = part.tap(allQueries(layer));
      Values query = part.cls() ? HeadMaths.firstRow(queries) : HeadMaths.meanRow(queries);
      return part.meansOfColumns(HeadMaths.dots(query, part.tap(Tap.keys(layer))));
    }

    @Override
    double operations(TilePart part, int layer) {
      Values keys = part.tap(Tap.keys(layer));
      double heads = keys.size(0);
      double all = keys.size(1);
      double dim = keys.size(2);
      double mean = part.cls() ? 0 : heads * Operations.columnMeans(all, dim);
      return mean + heads * (Operations.dots(1, all, dim) + part.meanOperations());
    }
  }

  /** Query and key of the CLS token of each tile. */
  private static final class OfClsQueryAndKey extends TileReading<ClsQueryAndKey, ClsToken> {
    OfClsQueryAndKey() {
      super(ClsQueryAndKey.class, ClsQueryAndKey::layer);
    }

    @Override
    List<Tap> taps(int layer) {
      return List.of(Tap.keys(layer), Tap.queries(layer));
    }

    @Override
    ClsToken read(List<TilePart> parts, int layer) {
      if (!parts.get(0).cls()) {
        throw new IllegalArgumentException(
            "the encoder has no CLS token, so it has no CLS query and key; choose variant=paper");
      }
      float[][] queries = new float[parts.size()][];
      float[][] keys = new float[parts.size()][];
      for (int t = 0; t < queries.length; t++) {
        Values query = parts.get(t).tap(Tap.queries(layer));
        queries[t] = HeadMaths.headsJoined(query).row(0);
        // The tap is scaled by 1 / sqrt(d), the evidence is not.
        float scale = (float) Math.sqrt(query.size(2));
        for (int i = 0; i < queries[t].length; i++) {
          queries[t][i] *= scale;
        }
        keys[t] = HeadMaths.headsJoined(parts.get(t).tap(Tap.keys(layer))).row(0);
      }
      return new ClsToken(Matrix.of(queries), Matrix.of(keys));
    }

    @Override
    double operations(TilePart part, int layer) {
      Values keys = part.tap(Tap.keys(layer));
      return (double) keys.size(0) * keys.size(2);
    }
  }

  /** Keys of the patches. */
  private static final class OfKeys extends TileReading<EncoderKeys, Keys> {
    OfKeys() {
      super(EncoderKeys.class, EncoderKeys::layer);
    }

    @Override
    List<Tap> taps(int layer) {
      return List.of(Tap.keys(layer));
    }

    @Override
    Keys read(List<TilePart> parts, int layer) {
      List<Matrix> rows =
          parts.stream()
              .map(part -> part.means(HeadMaths.headsJoined(part.tap(Tap.keys(layer)))))
              .toList();
      return new Keys(Matrix.stacked(rows), parts.get(0).tap(Tap.keys(layer)).size(0));
    }

    @Override
    double operations(TilePart part, int layer) {
      Values keys = part.tap(Tap.keys(layer));
      return part.meanOperations() * keys.size(0) * keys.size(2);
    }
  }

  /** Hidden states before the layer. */
  private static final class OfEarlierHidden extends TileReading<EarlierHidden, Matrix> {
    OfEarlierHidden() {
      super(EarlierHidden.class, kind -> -1);
    }

    @Override
    List<Tap> taps(int layer) {
      if (layer == 0) {
        throw new IllegalArgumentException(
            "at 'encoder1' there are no hidden states before the last layer; choose encoder2 or a later point");
      }
      return List.of(Tap.hidden(layer - 1));
    }

    @Override
    boolean isGivenInside() {
      return true;
    }

    @Override
    int earliest(int layer) {
      return layer - 1;
    }

    @Override
    int rows(TileStates tile, int layer) {
      return tile.tap(Tap.hidden(layer - 1)).size(0);
    }

    @Override
    Matrix read(List<TilePart> parts, int layer) {
      return Matrix.stacked(
          parts.stream()
              .map(part -> part.means(HeadMaths.matrix(part.tap(Tap.hidden(layer - 1)))))
              .toList());
    }

    @Override
    double operations(TilePart part, int layer) {
      return part.meanOperations() * part.tap(Tap.hidden(layer - 1)).size(1);
    }
  }

  /** Hidden states after the layer. */
  private static final class OfHidden extends TileReading<EncoderHidden, Matrix> {
    OfHidden() {
      super(EncoderHidden.class, EncoderHidden::layer);
    }

    @Override
    List<Tap> taps(int layer) {
      return List.of(Tap.hidden(layer));
    }

    @Override
    int rows(TileStates tile, int layer) {
      return tile.tap(Tap.hidden(layer)).size(0);
    }

    @Override
    Matrix read(List<TilePart> parts, int layer) {
      return Matrix.stacked(
          parts.stream()
              .map(part -> part.means(HeadMaths.matrix(part.tap(Tap.hidden(layer)))))
              .toList());
    }

    @Override
    double operations(TilePart part, int layer) {
      return part.meanOperations() * part.tap(Tap.hidden(layer)).size(1);
    }
  }
}
