package dev.squint.llm.decoder.evidence;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.evidence.VisualQueryAttention;
import java.util.BitSet;
import java.util.List;

/** Reads the attention of the visual queries, their mean. */
final class VisualQueryReading extends LayerReading<VisualQueryAttention, Attention> {
  VisualQueryReading() {
    super(VisualQueryAttention.class);
  }

  @Override
  void addQueries(BitSet rows, PromptRows prompt) {
    prompt.addVisual(rows);
  }

  @Override
  Attention read(LayerView view) {
    List<Matrix> byQuery = view.attention(view.visual());
    Matrix first = byQuery.get(0);
    float[] sum = new float[first.data().length];
    for (Matrix attention : byQuery) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += attention.data()[i] / byQuery.size();
      }
    }
    return Attention.of(new Matrix(first.rows(), first.cols(), sum).columns(view.visual()));
  }

  @Override
  double operations(LayerView view, Attention value) {
    int queries = view.visual().length;
    int heads = value.perHead().rows();
    int tokens = view.end().tokens();
    return Operations.attention(heads, queries, tokens, view.headDim())
        + heads * Operations.columnMeans(queries, tokens);
  }
}
