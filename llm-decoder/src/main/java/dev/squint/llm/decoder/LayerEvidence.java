package dev.squint.llm.decoder;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TextToText;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.evidence.LastQueryLogits;
import dev.squint.pruner.evidence.NextLayerAttention;
import dev.squint.pruner.evidence.PromptSelfLogits;
import dev.squint.pruner.evidence.TextHidden;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.TextSelfAttention;
import dev.squint.pruner.evidence.VisualQueryLogits;
import dev.squint.vision.onnx.graph.Tap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What methods between decoder layers read: which taps that takes, and what becomes of these. */
public final class LayerEvidence {

  private static final LastQueryAttention LAST = new LastQueryAttention();
  private static final NextLayerAttention NEXT = new NextLayerAttention();
  private static final LastQueryLogits LAST_LOGITS = new LastQueryLogits();
  private static final PromptSelfLogits PROMPT_LOGITS = new PromptSelfLogits();
  private static final TextQueryAttention TEXT = new TextQueryAttention();
  private static final TextSelfAttention TEXT_TO_TEXT = new TextSelfAttention();
  private static final TextHidden TEXT_HIDDEN = new TextHidden();
  private static final VisualQueryLogits VISUAL = new VisualQueryLogits();

  /** Those that need the queries of the layer before. */
  private static final Set<Evidence<?>> OF_QUERIES =
      Set.of(LAST, LAST_LOGITS, PROMPT_LOGITS, TEXT, TEXT_TO_TEXT, VISUAL);

  private final StageEnd end;
  private final int layer;
  private final int[] visual;
  private final int[] text;

  /**
   * The evidence at the end of a stage.
   *
   * @param visual rows of the visual tokens
   * @param text how many tokens of text follow on the pictures; they come last
   */
  public LayerEvidence(StageEnd end, int[] visual, int text) {
    this.end = end;
    this.layer = end.layers() - 1;
    this.visual = visual.clone();
    this.text = last(text, end.tokens());
  }

  /** Whether a decoder that can be cut and tapped gives this kind of evidence between layers. */
  public static boolean gives(Evidence<?> evidence) {
    return OF_QUERIES.contains(evidence) || evidence.equals(NEXT) || evidence.equals(TEXT_HIDDEN);
  }

  /** The taps that evidence takes after so many layers. */
  public static Set<Tap> taps(Set<Evidence<?>> needs, int layers) {
    Set<Tap> taps = new LinkedHashSet<>();
    if (needs.stream().anyMatch(OF_QUERIES::contains)) {
      taps.add(Tap.queries(layers - 1));
    }
    if (needs.contains(NEXT)) {
      taps.add(Tap.queries(layers).givenAhead());
      taps.add(Tap.keys(layers).givenAhead());
    }
    return taps;
  }

  /** The taps that the attention of the last prompt token takes after so many layers. */
  public static Set<Tap> glanceTaps(int layers) {
    return taps(Set.of(LAST), layers);
  }

  /** Attention of the last prompt token to the visual ones, with what it took. */
  EvidenceSet glance() {
    return observe(Set.of(LAST));
  }

  /**
   * Rows of the tokens whose queries the evidence takes, ascending.
   *
   * @param visual rows of the visual tokens
   * @param text how many tokens of text follow on the pictures
   * @param tokens tokens that the layers run on, S
   */
  public static int[] queries(Set<Evidence<?>> needs, int[] visual, int text, int tokens) {
    if (needs.contains(PROMPT_LOGITS)) {
      return IntStream.range(0, tokens).toArray();
    }
    BitSet rows = new BitSet(tokens);
    if (needs.contains(LAST) || needs.contains(NEXT) || needs.contains(LAST_LOGITS)) {
      rows.set(tokens - 1);
    }
    if (needs.contains(TEXT) || needs.contains(TEXT_TO_TEXT)) {
      rows.set(tokens - text, tokens);
    }
    if (needs.contains(VISUAL)) {
      IntStream.of(visual).forEach(rows::set);
    }
    return rows.stream().toArray();
  }

  private static int[] last(int count, int tokens) {
    return IntStream.range(tokens - count, tokens).toArray();
  }

  /** The evidence that there is of these kinds. */
  public EvidenceSet observe(Set<Evidence<?>> needs) {
    EvidenceSet observed = EvidenceSet.nothing();
    int last = end.tokens() - 1;
    if (needs.contains(LAST)) {
      Matrix row = attention(new int[] {last}).get(0);
      observed = observed.with(LAST, Attention.of(row.columns(visual)), attention(1, row));
    }
    if (needs.contains(NEXT)) {
      Matrix row = end.attentionAhead(layer + 1, new int[] {last}).get(0);
      observed =
          observed.with(NEXT, Attention.of(row.columns(visual)), attention(1, row) + ahead(row));
    }
    if (needs.contains(LAST_LOGITS)) {
      PromptLogits logits = promptLogits(new int[] {last});
      observed = observed.with(LAST_LOGITS, logits, logits(logits.perHead().size(), 1));
    }
    if (needs.contains(PROMPT_LOGITS)) {
      PromptLogits logits = promptLogits(last(end.tokens(), end.tokens()));
      observed =
          observed.with(PROMPT_LOGITS, logits, logits(logits.perHead().size(), end.tokens()));
    }
    if (needs.contains(VISUAL)) {
      Logits logits = visualLogits();
      int heads = logits.perHead().rows();
      double mean = heads * Operations.columnMeans(visual.length, headDim());
      observed =
          observed.with(
              VISUAL, logits, mean + heads * Operations.dots(1, visual.length, headDim()));
    }
    if (needs.contains(TEXT_HIDDEN)) {
      observed = observed.with(TEXT_HIDDEN, end.hidden().rows(text));
    }
    return needs.contains(TEXT) || needs.contains(TEXT_TO_TEXT)
        ? withText(observed, needs)
        : observed;
  }

  private EvidenceSet withText(EvidenceSet observed, Set<Evidence<?>> needs) {
    List<Matrix> rows = attention(text);
    // Both are parts of the same attention, which is computed once.
    EvidenceSet more = observed.after(attention(text.length, rows.get(0)));
    if (needs.contains(TEXT)) {
      more =
          more.with(
              TEXT, new TextAttention(rows.stream().map(row -> row.columns(visual)).toList()));
    }
    if (needs.contains(TEXT_TO_TEXT)) {
      List<Matrix> perHead = new ArrayList<>();
      for (int head = 0; head < rows.get(0).rows(); head++) {
        float[][] square = new float[text.length][];
        for (int t = 0; t < text.length; t++) {
          square[t] = new float[text.length];
          for (int u = 0; u < text.length; u++) {
            square[t][u] = rows.get(t).get(head, text[u]);
          }
        }
        perHead.add(Matrix.of(square));
      }
      more = more.with(TEXT_TO_TEXT, new TextToText(perHead));
    }
    return more;
  }

  /** What the attention of so many queries takes, each as this one, [H, S]. */
  private double attention(int queries, Matrix one) {
    return Operations.attention(one.rows(), queries, one.cols(), headDim());
  }

  /** What logits of so many queries for all tokens take. */
  private double logits(int heads, int queries) {
    return heads * Operations.dots(queries, end.tokens(), headDim());
  }

  /** The projections of the next layer that its own run repeats: keys of all, a query of one. */
  private double ahead(Matrix one) {
    int size = end.hidden().cols();
    return Operations.dots(end.tokens(), end.keyShape(layer)[0] * headDim(), size)
        + Operations.dots(1, one.rows() * headDim(), size);
  }

  private int headDim() {
    return end.keyShape(layer)[1];
  }

  private List<Matrix> attention(int[] rows) {
    return end.attention(layer, rows);
  }

  private PromptLogits promptLogits(int[] rows) {
    return new PromptLogits(end.logits(layer, rows), visual);
  }

  /** Logits of the mean visual query: as logits are linear, their mean. */
  private Logits visualLogits() {
    List<Matrix> keys = end.keysOf(layer);
    List<Matrix> queries = end.queriesOf(layer, visual);
    float[][] perHead = new float[queries.size()][];
    for (int head = 0; head < perHead.length; head++) {
      Matrix mean = Matrix.of(queries.get(head).columnMeans());
      Matrix key = keys.get(head / (queries.size() / keys.size())).rows(visual);
      perHead[head] = mean.timesTransposed(key).data();
    }
    return Logits.of(Matrix.of(perHead));
  }

  @Override
  public String toString() {
    return "LayerEvidence[after %d layers, visual tokens %s]"
        .formatted(end.layers(), Arrays.toString(visual));
  }
}
