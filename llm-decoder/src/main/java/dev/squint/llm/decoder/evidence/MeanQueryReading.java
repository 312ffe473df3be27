package dev.squint.llm.decoder.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import java.util.BitSet;
import java.util.List;

/**
 * Logits of the mean visual query for the visual tokens. As logits are linear, they are the mean of
 * all visual queries' logits.
 *
 * @param <K> the kind
 */
abstract class MeanQueryReading<K extends Evidence<Logits>> extends LayerReading<K, Logits> {

  MeanQueryReading(Class<K> kind) {
    super(kind);
  }

  /** Queries of the visual tokens, H times [visual, d]. */
  abstract List<Matrix> queries(LayerView view);

  /** Keys of all tokens, key heads times [S, d]. */
  abstract List<Matrix> keys(LayerView view);

  @Override
  final void addQueries(BitSet rows, PromptRows prompt) {
    prompt.addVisual(rows);
  }

  @Override
  final Logits read(LayerView view) {
    List<Matrix> queries = queries(view);
    List<Matrix> keys = keys(view);
    float[][] perHead = new float[queries.size()][];
    for (int head = 0; head < perHead.length; head++) {
      Matrix mean = Matrix.of(queries.get(head).columnMeans());
      Matrix key = keys.get(head / (queries.size() / keys.size())).rows(view.visual());
      perHead[head] = mean.timesTransposed(key).data();
    }
    return Logits.of(Matrix.of(perHead));
  }

  @Override
  final double operations(LayerView view, Logits value) {
    int visual = view.visual().length;
    return value.perHead().rows()
        * (Operations.columnMeans(visual, view.headDim())
            + Operations.dots(1, visual, view.headDim()));
  }
}
