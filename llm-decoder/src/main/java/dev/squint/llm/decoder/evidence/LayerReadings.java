package dev.squint.llm.decoder.evidence;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TextToText;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.evidence.LastQueryLogits;
import dev.squint.pruner.evidence.LayerKeys;
import dev.squint.pruner.evidence.LayerValues;
import dev.squint.pruner.evidence.NextLayerAttention;
import dev.squint.pruner.evidence.PromptSelfLogits;
import dev.squint.pruner.evidence.TextHidden;
import dev.squint.pruner.evidence.TextKeys;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.TextSelfAttention;
import dev.squint.pruner.evidence.TextValues;
import dev.squint.pruner.evidence.UnrotatedLogits;
import dev.squint.pruner.evidence.UnrotatedVisualLogits;
import dev.squint.pruner.evidence.VisualQueryLogits;
import dev.squint.vision.onnx.graph.Tap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The kinds of evidence that are read between decoder layers. A new kind is one more class here,
 * and its instance in {@link #ALL}.
 */
final class LayerReadings {

  private static final List<LayerReading<?, ?>> ALL =
      List.of(
          new OfLastQueryAttention(),
          new OfNextLayerAttention(),
          new OfLastQueryLogits(),
          new OfPromptSelfLogits(),
          new OfVisualQueryLogits(),
          new VisualQueryReading(),
          new OfUnrotatedLogits(),
          new OfUnrotatedVisualLogits(),
          new OfLayerKeys(),
          new OfTextKeys(),
          new OfLayerValues(),
          new OfTextValues(),
          new RotationReading(),
          new OfTextHidden(),
          new OfTextQueryAttention(),
          new OfTextSelfAttention());

  private LayerReadings() {}

  /** The reading of a kind of evidence, if there is one between decoder layers. */
  static Optional<LayerReading<?, ?>> of(Evidence<?> evidence) {
    return ALL.stream().filter(reading -> reading.reads(evidence)).findFirst();
  }

  /** Attention of the last prompt token to the visual ones. */
  private static final class OfLastQueryAttention
      extends LayerReading<LastQueryAttention, Attention> {
    OfLastQueryAttention() {
      super(LastQueryAttention.class);
    }

    @Override
    void addQueries(BitSet rows, PromptRows prompt) {
      prompt.addLast(rows);
    }

    @Override
    Attention read(LayerView view) {
      return Attention.of(view.attention(view.last()).get(0).columns(view.visual()));
    }

    @Override
    double operations(LayerView view, Attention value) {
      return Operations.attention(value.perHead().rows(), 1, view.end().tokens(), view.headDim());
    }
  }

  /** The same in the layer after the point, whose projections its own run repeats. */
  private static final class OfNextLayerAttention
      extends LayerReading<NextLayerAttention, Attention> {
    OfNextLayerAttention() {
      super(NextLayerAttention.class);
    }

    @Override
    void addTaps(Set<Tap> taps, int layers) {
      taps.add(Tap.queries(layers).givenAhead());
      taps.add(Tap.keys(layers).givenAhead());
    }

    @Override
    void addQueries(BitSet rows, PromptRows prompt) {
      prompt.addLast(rows);
    }

    @Override
    Attention read(LayerView view) {
      Matrix row = view.end().attentionAhead(view.layer() + 1, view.last()).get(0);
      return Attention.of(row.columns(view.visual()));
    }

    @Override
    double operations(LayerView view, Attention value) {
      int heads = value.perHead().rows();
      int tokens = view.end().tokens();
      int size = view.end().hidden().cols();
      int keyHeads = view.end().keyShape(view.layer())[0];
      double projections =
          Operations.dots(tokens, keyHeads * view.headDim(), size)
              + Operations.dots(1, heads * view.headDim(), size);
      return Operations.attention(heads, 1, tokens, view.headDim()) + projections;
    }
  }

  /** What logits of some queries for all tokens share. */
  private abstract static class OfLogits<K extends Evidence<PromptLogits>>
      extends LayerReading<K, PromptLogits> {
    OfLogits(Class<K> kind) {
      super(kind);
    }

    abstract int[] queries(LayerView view);

    @Override
    PromptLogits read(LayerView view) {
      return new PromptLogits(view.end().logits(view.layer(), queries(view)), view.visual());
    }

    @Override
    double operations(LayerView view, PromptLogits value) {
      return value.perHead().size()
          * Operations.dots(queries(view).length, view.end().tokens(), view.headDim());
    }
  }

  /** Logits of the last prompt token for all. */
  private static final class OfLastQueryLogits extends OfLogits<LastQueryLogits> {
    OfLastQueryLogits() {
      super(LastQueryLogits.class);
    }

    @Override
    void addQueries(BitSet rows, PromptRows prompt) {
      prompt.addLast(rows);
    }

    @Override
    int[] queries(LayerView view) {
      return view.last();
    }
  }

  /** Logits of all prompt tokens for all. */
  private static final class OfPromptSelfLogits extends OfLogits<PromptSelfLogits> {
    OfPromptSelfLogits() {
      super(PromptSelfLogits.class);
    }

    @Override
    void addQueries(BitSet rows, PromptRows prompt) {
      prompt.addAll(rows);
    }

    @Override
    int[] queries(LayerView view) {
      return view.all();
    }
  }

  /** Logits of the mean visual query for the visual tokens. */
  private static final class OfVisualQueryLogits extends MeanQueryReading<VisualQueryLogits> {
    OfVisualQueryLogits() {
      super(VisualQueryLogits.class);
    }

    @Override
    List<Matrix> queries(LayerView view) {
      return view.end().queriesOf(view.layer(), view.visual());
    }

    @Override
    List<Matrix> keys(LayerView view) {
      return view.end().keysOf(view.layer());
    }
  }

  /** The same without RoPE. */
  private static final class OfUnrotatedVisualLogits
      extends MeanQueryReading<UnrotatedVisualLogits> {
    OfUnrotatedVisualLogits() {
      super(UnrotatedVisualLogits.class);
    }

    @Override
    void addTaps(Set<Tap> taps, int layers) {
      addUnrotatedTaps(taps, layers);
    }

    @Override
    List<Matrix> queries(LayerView view) {
      return view.end().unrotatedQueriesOf(view.layer(), view.visual());
    }

    @Override
    List<Matrix> keys(LayerView view) {
      return view.end().unrotatedKeysOf(view.layer());
    }
  }

  private static void addUnrotatedTaps(Set<Tap> taps, int layers) {
    taps.add(Tap.unrotatedQueries(layers - 1));
    taps.add(Tap.unrotatedKeys(layers - 1));
  }

  /** Logits of the last prompt token for the visual ones, without RoPE. */
  private static final class OfUnrotatedLogits extends LayerReading<UnrotatedLogits, Logits> {
    OfUnrotatedLogits() {
      super(UnrotatedLogits.class);
    }

    @Override
    void addTaps(Set<Tap> taps, int layers) {
      addUnrotatedTaps(taps, layers);
    }

    @Override
    void addQueries(BitSet rows, PromptRows prompt) {
      prompt.addLast(rows);
    }

    @Override
    Logits read(LayerView view) {
      List<Matrix> queries = view.end().unrotatedQueriesOf(view.layer(), view.last());
      List<Matrix> keys = view.end().unrotatedKeysOf(view.layer());
      float[][] perHead = new float[queries.size()][];
      for (int head = 0; head < perHead.length; head++) {
        Matrix key = keys.get(head / (queries.size() / keys.size())).rows(view.visual());
        perHead[head] = queries.get(head).timesTransposed(key).data();
      }
      return Logits.of(Matrix.of(perHead));
    }

    @Override
    double operations(LayerView view, Logits value) {
      return value.perHead().rows() * Operations.dots(1, view.visual().length, view.headDim());
    }
  }

  /** Keys of the visual tokens, as the cache gets them. */
  private static final class OfLayerKeys extends WithoutTaps<LayerKeys, Keys> {
    OfLayerKeys() {
      super(LayerKeys.class);
    }

    @Override
    Keys read(LayerView view) {
      return new Keys(view.keys(view.visual()), view.end().keyShape(view.layer())[0]);
    }
  }

  /** Keys of the text after the pictures, as the cache gets them. */
  private static final class OfTextKeys extends WithoutTaps<TextKeys, Matrix> {
    OfTextKeys() {
      super(TextKeys.class);
    }

    @Override
    Matrix read(LayerView view) {
      return view.keys(view.text());
    }
  }

  /** Values of the visual tokens, as the cache gets them. */
  private static final class OfLayerValues extends WithoutTaps<LayerValues, Keys> {
    OfLayerValues() {
      super(LayerValues.class);
    }

    @Override
    Keys read(LayerView view) {
      return new Keys(view.values(view.visual()), view.end().keyShape(view.layer())[0]);
    }
  }

  /** Values of the text after the pictures, as the cache gets them. */
  private static final class OfTextValues extends WithoutTaps<TextValues, Matrix> {
    OfTextValues() {
      super(TextValues.class);
    }

    @Override
    Matrix read(LayerView view) {
      return view.values(view.text());
    }
  }

  /** Hidden states of the text after the pictures. */
  private static final class OfTextHidden extends WithoutTaps<TextHidden, Matrix> {
    OfTextHidden() {
      super(TextHidden.class);
    }

    @Override
    Matrix read(LayerView view) {
      return view.end().hidden().rows(view.text());
    }
  }

  /** A reading of the attention of the text after the pictures, which readings share. */
  private abstract static class OfTextRows<K extends Evidence<V>, V> extends LayerReading<K, V> {
    OfTextRows(Class<K> kind) {
      super(kind);
    }

    @Override
    final void addQueries(BitSet rows, PromptRows prompt) {
      prompt.addText(rows);
    }

    /** None: the view counts them once for all readings. */
    @Override
    final double operations(LayerView view, V value) {
      return 0;
    }
  }

  /** Attention of the text after the pictures to the visual tokens. */
  private static final class OfTextQueryAttention
      extends OfTextRows<TextQueryAttention, TextAttention> {
    OfTextQueryAttention() {
      super(TextQueryAttention.class);
    }

    @Override
    TextAttention read(LayerView view) {
      return new TextAttention(
          view.textAttention().stream().map(row -> row.columns(view.visual())).toList());
    }
  }

  /** Attention of the text after the pictures to itself. */
  private static final class OfTextSelfAttention extends OfTextRows<TextSelfAttention, TextToText> {
    OfTextSelfAttention() {
      super(TextSelfAttention.class);
    }

    @Override
    TextToText read(LayerView view) {
      List<Matrix> rows = view.textAttention();
      int[] text = view.text();
      List<Matrix> perHead = new ArrayList<>();
      for (int head = 0; head < rows.get(0).rows(); head++) {
        float[][] square = new float[text.length][text.length];
        for (int t = 0; t < text.length; t++) {
          for (int u = 0; u < text.length; u++) {
            square[t][u] = rows.get(t).get(head, text[u]);
          }
        }
        perHead.add(Matrix.of(square));
      }
      return new TextToText(perHead);
    }
  }
}
