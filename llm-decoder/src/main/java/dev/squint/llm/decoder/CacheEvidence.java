package dev.squint.llm.decoder;

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
import dev.squint.vision.onnx.graph.Tap;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What cache policies read of a layer after prefill, from what the taps show. */
public final class CacheEvidence {

  static final AccumulatedAttention ACCUMULATED = new AccumulatedAttention();

  private CacheEvidence() {}

  /** The taps that evidence takes of a decoder of so many layers. */
  public static Set<Tap> taps(Set<Evidence<?>> needs, int layers) {
    Set<Tap> taps = new LinkedHashSet<>();
    if (needs.stream().anyMatch(evidence -> !(evidence instanceof LastLayerTokens))) {
      IntStream.range(0, layers).forEach(layer -> taps.add(Tap.queries(layer)));
    }
    return taps;
  }

  /** Rows of the prompt's tokens whose queries the evidence takes, ascending. */
  static int[] queries(Set<Evidence<?>> needs, int tokens) {
    BitSet rows = new BitSet(tokens);
    for (Evidence<?> evidence : needs) {
      if (evidence.equals(ACCUMULATED)) {
        rows.set(0, tokens);
      } else if (evidence instanceof RecentQueries recent) {
        rows.set(Math.max(0, tokens - recent.count()), tokens);
      } else if (evidence instanceof ProbeAttention probes) {
        IntStream.of(probes(probes, tokens)).forEach(rows::set);
      }
    }
    return rows.stream().toArray();
  }

  /** The last tokens, and others spread evenly over the earlier ones. */
  private static int[] probes(ProbeAttention probes, int tokens) {
    int recent = Math.min(tokens, probes.recent());
    int earlier = tokens - recent;
    int others = Math.min(earlier, probes.others());
    return IntStream.concat(
            IntStream.range(0, others).map(i -> (int) ((2L * i + 1) * earlier / (2L * others))),
            IntStream.range(earlier, tokens))
        .toArray();
  }

  /** The evidence of these kinds about a layer. */
  static EvidenceSet observe(Set<Evidence<?>> needs, StageEnd end, int layer) {
    EvidenceSet observed = EvidenceSet.nothing();
    for (Evidence<?> evidence : needs) {
      if (evidence.equals(ACCUMULATED)) {
        int tokens = end.tokens();
        int heads = end.queryHeads(layer);
        double sums = (double) heads * tokens * tokens;
        observed =
            observed.with(
                ACCUMULATED,
                Attention.of(end.attentionReceived(layer)),
                Operations.attention(heads, tokens, tokens, end.keyShape(layer)[1]) + sums);
      } else if (evidence instanceof RecentQueries recent) {
        int first = Math.max(0, end.tokens() - recent.count());
        int[] rows = IntStream.range(first, end.tokens()).toArray();
        observed = observed.with(recent, unscaled(end.queriesOf(layer, rows)));
      } else if (evidence instanceof ProbeAttention probes) {
        int[] rows = probes(probes, end.tokens());
        float[][] means =
            end.attention(layer, rows).stream().map(Matrix::columnMeans).toArray(float[][]::new);
        int heads = end.queryHeads(layer);
        double sums = rows.length * Operations.columnMeans(heads, end.tokens());
        observed =
            observed.with(
                probes,
                new Probes(rows, Matrix.of(means)),
                Operations.attention(heads, rows.length, end.tokens(), end.keyShape(layer)[1])
                    + sums);
      }
    }
    return observed;
  }

  /** Taps give queries that are scaled already; policies scale by the root of their size. */
  private static Queries unscaled(List<Matrix> heads) {
    return new Queries(
        heads.stream()
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
}
