package dev.squint.llm.decoder.evidence;

import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Probes;
import dev.squint.pruner.Queries;
import dev.squint.pruner.evidence.AccumulatedAttention;
import dev.squint.pruner.evidence.LastLayerTokens;
import dev.squint.pruner.evidence.ProbeAttention;
import dev.squint.pruner.evidence.RecentQueries;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The kinds of evidence that cache policies read of a layer. A new kind is one more class here, and
 * its instance in {@link #ALL}.
 */
final class CacheReadings {

  private static final List<CacheReading<?, ?>> ALL =
      List.of(
          new OfAccumulatedAttention(),
          new OfRecentQueries(),
          new OfProbeAttention(),
          new OfLastLayerTokens());

  private CacheReadings() {}

  /** The reading of a kind of evidence, if there is one of caches. */
  static Optional<CacheReading<?, ?>> of(Evidence<?> evidence) {
    return ALL.stream().filter(reading -> reading.reads(evidence)).findFirst();
  }

  /** A reading of the queries of some tokens of the prompt. */
  private abstract static class OfQueries<K extends Evidence<V>, V> extends CacheReading<K, V> {
    OfQueries(Class<K> kind) {
      super(kind);
    }

    /** Rows of the tokens whose queries it takes, ascending. */
    abstract int[] queries(K wanted, int tokens);

    abstract V read(StageEnd end, int layer, int[] queries);

    /** {@link Operations} of these queries, in addition to the layer itself. */
    abstract double operations(StageEnd end, int layer, int queries);

    @Override
    final boolean takesQueries() {
      return true;
    }

    @Override
    final void addQueries(BitSet rows, Evidence<?> wanted, int tokens) {
      IntStream.of(queries(cast(wanted), tokens)).forEach(rows::set);
    }

    @Override
    final EvidenceSet addAtStageEnd(EvidenceSet to, Evidence<?> wanted, StageEnd end, int layer) {
      int[] queries = queries(cast(wanted), end.tokens());
      return to.with(
          cast(wanted), read(end, layer, queries), operations(end, layer, queries.length));
    }

    static double attention(StageEnd end, int layer, int queries) {
      return Operations.attention(
          end.queryHeads(layer), queries, end.tokens(), end.keyShape(layer)[1]);
    }
  }

  /** Attention of all tokens to each row, summed, which grows while decoding. */
  private static final class OfAccumulatedAttention
      extends OfQueries<AccumulatedAttention, Attention> {
    OfAccumulatedAttention() {
      super(AccumulatedAttention.class);
    }

    @Override
    int[] queries(AccumulatedAttention wanted, int tokens) {
      return IntStream.range(0, tokens).toArray();
    }

    @Override
    Attention read(StageEnd end, int layer, int[] queries) {
      return Attention.of(end.attentionReceived(layer));
    }

    @Override
    double operations(StageEnd end, int layer, int queries) {
      double sums = (double) end.queryHeads(layer) * queries * queries;
      return attention(end, layer, queries) + sums;
    }

    @Override
    boolean followsDecoding() {
      return true;
    }

    @Override
    Attention grown(Attention before, Matrix attention) {
      float[] sums = attention.data().clone();
      for (int h = 0; h < attention.rows(); h++) {
        for (int j = 0; j < before.perHead().cols(); j++) {
          sums[h * attention.cols() + j] += before.perHead().get(h, j);
        }
      }
      return Attention.of(new Matrix(attention.rows(), attention.cols(), sums));
    }
  }

  /** Queries of the last tokens, which the layer computes anyway. */
  private static final class OfRecentQueries extends OfQueries<RecentQueries, Queries> {
    OfRecentQueries() {
      super(RecentQueries.class);
    }

    @Override
    int[] queries(RecentQueries wanted, int tokens) {
      return IntStream.range(Math.max(0, tokens - wanted.count()), tokens).toArray();
    }

    /** Taps return scaled queries; policies scale by the root of their size. */
    @Override
    Queries read(StageEnd end, int layer, int[] queries) {
      return new Queries(
          end.queriesOf(layer, queries).stream()
              .map(
                  head -> {
                    float root = (float) Math.sqrt(head.cols());
                    float[] values = head.data().clone();
                    for (int i = 0; i < values.length; i++) {
                      values[i] *= root;
                    }
                    return new Matrix(head.rows(), head.cols(), values);
                  })
              .toList());
    }

    @Override
    double operations(StageEnd end, int layer, int queries) {
      return 0;
    }
  }

  /** Attention of the last tokens, and of others spread evenly over the earlier ones. */
  private static final class OfProbeAttention extends OfQueries<ProbeAttention, Probes> {
    OfProbeAttention() {
      super(ProbeAttention.class);
    }

    @Override
    int[] queries(ProbeAttention wanted, int tokens) {
      int recent = Math.min(tokens, wanted.recent());
      int earlier = tokens - recent;
      int others = Math.min(earlier, wanted.others());
      return IntStream.concat(
              IntStream.range(0, others).map(i -> (int) ((2L * i + 1) * earlier / (2L * others))),
              IntStream.range(earlier, tokens))
          .toArray();
    }

    @Override
    Probes read(StageEnd end, int layer, int[] queries) {
      float[][] means =
          end.attention(layer, queries).stream().map(Matrix::columnMeans).toArray(float[][]::new);
      return new Probes(queries, Matrix.of(means));
    }

    @Override
    double operations(StageEnd end, int layer, int queries) {
      double means = queries * Operations.columnMeans(end.queryHeads(layer), end.tokens());
      return attention(end, layer, queries) + means;
    }
  }

  /** The tokens that are left at the last layer, known when all layers have run. */
  private static final class OfLastLayerTokens extends CacheReading<LastLayerTokens, int[]> {
    OfLastLayerTokens() {
      super(LastLayerTokens.class);
    }

    @Override
    EvidenceSet addAfterPrefill(EvidenceSet to, Evidence<?> wanted, int[] lastLayerTokens) {
      return to.with(cast(wanted), lastLayerTokens);
    }
  }
}
