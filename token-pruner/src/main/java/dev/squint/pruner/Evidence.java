package dev.squint.pruner;

import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * A kind of evidence that a method may read beside the tokens themselves, and how it follows when
 * tokens are reduced. A method names what it reads in {@link Pruner#needs}; whoever loads the model
 * adds the taps for that and nothing else.
 *
 * <p>Encoder layers are numbered from 0; negative numbers count back from the layer that feeds the
 * projector, so -1 is that layer: the last one of an exported graph, also where the encoder was
 * trained with more (LLaVA takes the last but one of CLIP's layers, which papers call layer 22).
 *
 * @param <V> what it looks like
 */
public sealed interface Evidence<V> {

  /** Who can give it. */
  Source source();

  /** The evidence for what is left after the reduction. */
  V reduced(V value, TokenReduction reduction);

  /**
   * Throws an exception unless the value fits this many tokens.
   *
   * @throws IllegalArgumentException naming both numbers
   */
  void check(V value, int tokens);

  /**
   * The evidence for tiles that were encoded apart, put together.
   *
   * @param parts in the order of their places
   * @param tiles number of tiles, those without a part included
   * @throws IllegalStateException when it is no evidence that an encoder gives
   */
  default V together(List<Part<V>> parts, int tiles) {
    throw new IllegalStateException(this + " is not about tiles that are encoded");
  }

  /**
   * The evidence about one tile.
   *
   * @param value the evidence about that tile and others
   * @param tile its index among them
   * @param tokens the indices of its tokens among theirs
   * @param place its index among all tiles
   */
  record Part<V>(V value, int tile, int[] tokens, int place) {}

  /** Who can give a piece of evidence. */
  enum Source {
    /** The pixels that the encoder is given. */
    PIXELS,
    /** The vision encoder, while it encodes. */
    ENCODER,
    /** The language model's embedding of the question, before the decoder runs. */
    QUESTION,
    /**
     * The first decoder layers, given the global views and the question before anything else is
     * encoded.
     */
    GLANCE,
    /** The decoder layer before the point where the method acts. */
    DECODER,
    /** The model package, which may hold weights that were trained for a method. */
    PACKAGE
  }

  /**
   * Attention of the CLS token to each patch of its tile in one encoder layer, [H, N]. Encoders
   * without CLS give the mean over all queries of the tile and say so ({@link
   * Attention#substitute}).
   */
  record ClsAttention(int layer) implements OfAttention {
    @Override
    public Source source() {
      return Source.ENCODER;
    }
  }

  /**
   * Attention of the last prompt token to each visual token in the decoder layer before the point
   * where the method acts, [H, N].
   */
  record LastQueryAttention() implements OfAttention {
    @Override
    public Source source() {
      return Source.DECODER;
    }
  }

  /**
   * Attention of the last prompt token to each token of the global views in the last one of so many
   * decoder layers, where the prompt holds nothing else of the pictures, [H, N].
   */
  record GlanceAttention(int layers) implements OfAttention {
    @Override
    public Source source() {
      return Source.GLANCE;
    }
  }

  /**
   * Attention that the last prompt token would pay to each visual token in the decoder layer after
   * the point where the method acts, were nothing dropped, [H, N].
   */
  record NextLayerAttention() implements OfAttention {
    @Override
    public Source source() {
      return Source.DECODER;
    }
  }

  /**
   * Logits of the CLS token for each patch of its tile in one encoder layer, before the softmax,
   * [H, N].
   */
  record ClsLogits(int layer) implements OfLogits {
    @Override
    public Source source() {
      return Source.ENCODER;
    }
  }

  /**
   * Logits of the visual tokens for each visual token in the decoder layer before the point where
   * the method acts, also for later ones, which no query attends to; mean over the queries, [H, N].
   * As logits are linear, these are the logits of the mean query.
   */
  record VisualQueryLogits() implements OfLogits {
    @Override
    public Source source() {
      return Source.DECODER;
    }
  }

  /**
   * Attention of every text token after the picture to every such text token in the decoder layer
   * before the point where the method acts, H times [T, T].
   */
  record TextSelfAttention() implements Evidence<TextToText> {
    @Override
    public Source source() {
      return Source.DECODER;
    }

    @Override
    public TextToText reduced(TextToText value, TokenReduction reduction) {
      return value;
    }

    @Override
    public void check(TextToText value, int tokens) {}
  }

  /** Hidden states of the text tokens after the picture at a point in the decoder, [T, D]. */
  record TextHidden() implements OfRequest {
    @Override
    public Source source() {
      return Source.DECODER;
    }
  }

  /**
   * Logits of the last prompt token for every prompt token in the decoder layer before the point
   * where the method acts, H times [1, S].
   */
  record LastQueryLogits() implements OfPrompt {
    @Override
    public PromptLogits reduced(PromptLogits value, TokenReduction reduction) {
      return value.reduced(reduction, false);
    }
  }

  /**
   * Logits of every prompt token for every prompt token in the decoder layer before the point where
   * the method acts, H times [S, S].
   */
  record PromptSelfLogits() implements OfPrompt {
    @Override
    public PromptLogits reduced(PromptLogits value, TokenReduction reduction) {
      return value.reduced(reduction, true);
    }
  }

  /**
   * Embeddings of the question's text tokens as the decoder gets them, [T, D], D as the visual
   * tokens have it.
   */
  record QuestionEmbeddings() implements OfRequest {
    @Override
    public Source source() {
      return Source.QUESTION;
    }
  }

  /**
   * What the decoder adds to the hidden states of the visual tokens after its layer of this number,
   * [N, D]: features of an earlier encoder layer (DeepStack, arXiv 2406.04334). No method reads it;
   * it goes with the tokens.
   */
  record DeepFeatures(int level) implements OfToken {
    @Override
    public Source source() {
      return Source.ENCODER;
    }
  }

  /** Output of one encoder layer before the projector, [N, D_v]. */
  record EncoderHidden(int layer) implements OfToken {
    @Override
    public Source source() {
      return Source.ENCODER;
    }
  }

  /**
   * Patches in the space that the encoder shares with its own text tower, as CLIP has one, [N, C].
   */
  record JointImageEmbeddings() implements OfToken {
    @Override
    public Source source() {
      return Source.ENCODER;
    }
  }

  /**
   * The question in the space that the encoder shares with its own text tower, one row a segment,
   * [M, C].
   */
  record JointTextEmbeddings() implements OfRequest {
    @Override
    public Source source() {
      return Source.ENCODER;
    }
  }

  /** Keys of the patches in one encoder layer, [N, heads * headDim]. */
  record EncoderKeys(int layer) implements Evidence<Keys> {
    @Override
    public Source source() {
      return Source.ENCODER;
    }

    @Override
    public Keys reduced(Keys value, TokenReduction reduction) {
      return new Keys(reduction.apply(value.rows()), value.heads());
    }

    @Override
    public void check(Keys value, int tokens) {
      checkCount(this, value.rows().rows(), tokens);
    }

    @Override
    public Keys together(List<Part<Keys>> parts, int tiles) {
      return new Keys(rows(parts, Keys::rows), parts.get(0).value().heads());
    }
  }

  /**
   * Query and key of the CLS token of every tile in one encoder layer, [tiles, heads * headDim]
   * each.
   */
  record ClsQueryAndKey(int layer) implements Evidence<ClsToken> {
    @Override
    public Source source() {
      return Source.ENCODER;
    }

    @Override
    public ClsToken reduced(ClsToken value, TokenReduction reduction) {
      return value;
    }

    @Override
    public void check(ClsToken value, int tokens) {
      if (value.queries().rows() != value.keys().rows()
          || value.queries().cols() != value.keys().cols()) {
        throw new IllegalArgumentException(
            "%s has queries %s but keys %s".formatted(this, value.queries(), value.keys()));
      }
    }

    /** Tiles without a part have rows of zeros. */
    @Override
    public ClsToken together(List<Part<ClsToken>> parts, int tiles) {
      int size = parts.get(0).value().queries().cols();
      float[] queries = new float[tiles * size];
      float[] keys = new float[tiles * size];
      for (Part<ClsToken> part : parts) {
        System.arraycopy(
            part.value().queries().row(part.tile()), 0, queries, part.place() * size, size);
        System.arraycopy(part.value().keys().row(part.tile()), 0, keys, part.place() * size, size);
      }
      return new ClsToken(new Matrix(tiles, size, queries), new Matrix(tiles, size, keys));
    }
  }

  /**
   * Attention of every text token after the picture to each visual token in the decoder layer
   * before the point where the method acts, T times [H, N].
   */
  record TextQueryAttention() implements Evidence<TextAttention> {
    @Override
    public Source source() {
      return Source.DECODER;
    }

    @Override
    public TextAttention reduced(TextAttention value, TokenReduction reduction) {
      return value.reduced(reduction);
    }

    @Override
    public void check(TextAttention value, int tokens) {
      value.rows().forEach(row -> checkCount(this, row.cols(), tokens));
    }
  }

  /**
   * How much the visual tokens resemble each text token after the picture, before the decoder, [1,
   * T]: softmax over the text of the dot products, mean over the visual tokens.
   */
  record TextRelevance() implements OfRequest {
    @Override
    public Source source() {
      return Source.QUESTION;
    }
  }

  /**
   * Weights that were trained for a method with the model; those of the point where it acts, if
   * every point has its own.
   *
   * @param method name of the method in the package
   */
  record Trained(String method) implements Evidence<TrainedWeights> {
    @Override
    public Source source() {
      return Source.PACKAGE;
    }

    @Override
    public TrainedWeights reduced(TrainedWeights value, TokenReduction reduction) {
      return value;
    }

    @Override
    public void check(TrainedWeights value, int tokens) {}
  }

  /**
   * How much the pixels under each token differ from those in the same place of the frame before,
   * [N, 1]: mean difference over the colours as a share of the range of values; 1 where there is no
   * frame before.
   */
  record PixelChange() implements OfToken {
    @Override
    public Source source() {
      return Source.PIXELS;
    }
  }

  /** How relevant each picture or video frame is to the question, each in [0, 1], [1, frames]. */
  record FrameRelevance() implements OfRequest {
    @Override
    public Source source() {
      return Source.QUESTION;
    }
  }

  /**
   * Attention that each row of a layer's cache has received since it is there, from the queries of
   * all later tokens and its own, summed over the query heads of its key head, [kvHeads, N].
   */
  record AccumulatedAttention() implements OfAttention {
    @Override
    public Source source() {
      return Source.DECODER;
    }
  }

  /** Rotated queries of the last tokens of a layer, as many as there are up to a number. */
  record RecentQueries(int count) implements OfCache<Queries> {
    @Override
    public void check(Queries value, int tokens) {
      if (value.perHead().get(0).rows() > count) {
        throw new IllegalArgumentException(
            "%s has %d rows".formatted(this, value.perHead().get(0).rows()));
      }
    }
  }

  /**
   * Attention of some queries of the prompt to each row of a layer's cache, mean over the heads:
   * the last ones, and some of the others.
   */
  record ProbeAttention(int recent, int others) implements OfCache<Probes> {
    @Override
    public void check(Probes value, int tokens) {
      checkCount(this, value.attention().cols(), tokens);
    }
  }

  /** Positions of the tokens that the last layer was given, ascending, in the whole prompt. */
  record LastLayerTokens() implements OfCache<int[]> {
    @Override
    public void check(int[] value, int tokens) {}
  }

  /** Evidence about a cache at one moment, which no later one carries on. */
  sealed interface OfCache<V> extends Evidence<V> {
    @Override
    default Source source() {
      return Source.DECODER;
    }

    @Override
    default V reduced(V value, TokenReduction reduction) {
      throw new IllegalStateException(
          this + " is about the cache before it was reduced; observe it anew");
    }
  }

  /**
   * The global views of all pictures that have crops, encoded, with this evidence of their tokens;
   * for methods that decide which crops are encoded.
   *
   * @param showing what is read beside the tokens
   */
  record GlobalViews(Set<Evidence<?>> showing) implements Evidence<PatchTokens> {
    public GlobalViews {
      showing = Set.copyOf(showing);
    }

    @Override
    public Source source() {
      return Source.ENCODER;
    }

    @Override
    public PatchTokens reduced(PatchTokens value, TokenReduction reduction) {
      return value;
    }

    @Override
    public void check(PatchTokens value, int tokens) {
      if (!value.tiles().stream().allMatch(Tile::isGlobal)) {
        throw new IllegalArgumentException("crops are among the global views: " + value.tiles());
      }
    }
  }

  /** Evidence that is attention to each token. */
  sealed interface OfAttention extends Evidence<Attention> {
    @Override
    default Attention reduced(Attention value, TokenReduction reduction) {
      return value.reduced(reduction);
    }

    @Override
    default void check(Attention value, int tokens) {
      checkCount(this, value.perHead().cols(), tokens);
    }

    @Override
    default Attention together(List<Part<Attention>> parts, int tiles) {
      return new Attention(
          columns(parts, Attention::perHead), parts.stream().anyMatch(p -> p.value().substitute()));
    }
  }

  /** Evidence that is logits of some query for each token. */
  sealed interface OfLogits extends Evidence<Logits> {
    @Override
    default Logits reduced(Logits value, TokenReduction reduction) {
      return value.reduced(reduction);
    }

    @Override
    default void check(Logits value, int tokens) {
      checkCount(this, value.perHead().cols(), tokens);
    }

    @Override
    default Logits together(List<Part<Logits>> parts, int tiles) {
      return new Logits(
          columns(parts, Logits::perHead), parts.stream().anyMatch(p -> p.value().substitute()));
    }
  }

  /** Evidence about all tokens of the prompt, text and visual. */
  sealed interface OfPrompt extends Evidence<PromptLogits> {
    @Override
    default Source source() {
      return Source.DECODER;
    }

    @Override
    default void check(PromptLogits value, int tokens) {
      checkCount(this, value.visual().length, tokens);
    }
  }

  /** Evidence that is one row a token, which mix as the features do when tokens merge. */
  sealed interface OfToken extends Evidence<Matrix> {
    @Override
    default Matrix reduced(Matrix value, TokenReduction reduction) {
      return reduction.apply(value);
    }

    @Override
    default void check(Matrix value, int tokens) {
      checkCount(this, value.rows(), tokens);
    }

    @Override
    default Matrix together(List<Part<Matrix>> parts, int tiles) {
      return rows(parts, value -> value);
    }
  }

  /** Evidence about the request and not about single visual tokens, in rows. */
  sealed interface OfRequest extends Evidence<Matrix> {
    @Override
    default Matrix reduced(Matrix value, TokenReduction reduction) {
      return value;
    }

    @Override
    default void check(Matrix value, int tokens) {
      if (value.rows() == 0) {
        throw new IllegalArgumentException(this + " has no rows");
      }
    }

    @Override
    default Matrix together(List<Part<Matrix>> parts, int tiles) {
      return parts.get(0).value();
    }
  }

  private static <V> Matrix columns(List<Part<V>> parts, Function<V, Matrix> matrix) {
    return Matrix.sideBySide(
        parts.stream().map(p -> matrix.apply(p.value()).columns(p.tokens())).toList());
  }

  private static <V> Matrix rows(List<Part<V>> parts, Function<V, Matrix> matrix) {
    return Matrix.stacked(
        parts.stream().map(p -> matrix.apply(p.value()).rows(p.tokens())).toList());
  }

  private static void checkCount(Evidence<?> evidence, int given, int tokens) {
    if (given != tokens) {
      throw new IllegalArgumentException(
          "%s is about %d tokens but there are %d".formatted(evidence, given, tokens));
    }
  }
}
