package dev.squint.llm.decoder.batch;

import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DensePrefill;
import dev.squint.llm.decoder.session.DenseSession;
import dev.squint.llm.decoder.session.LayerExits;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.SequenceRow;
import dev.squint.llm.decoder.session.StepExecutor;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.generation.Sampling;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CacheInPlace;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A decoder of a small package, and random sequences that it has decoded one by one. */
final class Sequences implements AutoCloseable {

  private static final int LONGEST_PROMPT = 40;
  private static final int LONGEST_ANSWER = 20;

  final TextEmbeddings embeddings;
  final List<DecoderStage> stages;
  final List<Alone> all = new ArrayList<>();

  /**
   * A sequence that ran alone.
   *
   * @param prompt its embeddings
   * @param prefilled what its prompt left, which no step has changed
   * @param tokens that a sampler with the seed chose
   * @param logits before each of them
   */
  record Alone(
      PromptEmbeddings prompt, Prefilled prefilled, int seed, long[] tokens, List<float[]> logits) {

    /** Draws for the tokens in turn: greedy for one half of the sequences. */
    Draw draw() {
      return new Draw(seed % 2 == 0 ? null : new Random(seed));
    }

    SequenceRow row() {
      return new SequenceRow(prefilled.nextPositions(), prefilled.policies(), exits());
    }
  }

  /** A sampler that says whether rounding could have made it choose another token. */
  static final class Draw {
    private static final Sampling SAMPLING = new Sampling(0.8, 20, 0.95, 0, 1);
    private static final double ROUNDING = 1e-4;

    private final @Nullable Random random;
    private double drawn;

    private Draw(@Nullable Random random) {
      this.random = random;
    }

    int next(float[] logits) {
      drawn = random == null ? 0 : random.nextDouble();
      return token(logits, drawn);
    }

    private int token(float[] logits, double share) {
      return random == null ? Sampler.GREEDY.next(logits) : SAMPLING.draw(logits, share);
    }

    /** Whether the last draw is so near to the border of a token that rounding decides. */
    boolean isNearTo(int token, float[] logits) {
      if (random == null) {
        float best = logits[Sampler.GREEDY.next(logits)];
        return best - logits[token] <= ROUNDING * Math.abs(best);
      }
      return token(logits, Math.max(0, drawn - ROUNDING)) == token
          || token(logits, Math.min(1 - ROUNDING, drawn + ROUNDING)) == token;
    }
  }

  private Sequences(TextEmbeddings embeddings, List<DecoderStage> stages, int count, long seed) {
    this.embeddings = embeddings;
    this.stages = stages;
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      all.add(alone(i, random));
    }
  }

  static Sequences of(ModelPackage files, int count, long seed) {
    Path graph = files.graph(Session.DECODER);
    OnnxSession session = OnnxSession.open(graph, SessionSettings.DEFAULT);
    DecoderStage whole = new DecoderStage(session, CacheInPlace.isPossible(graph));
    return new Sequences(embeddings(files), List.of(whole), count, seed);
  }

  /** With the decoder cut after the first layer. */
  static Sequences cut(ModelPackage files, int count, long seed) {
    CutGraph cut =
        new GraphRewriter(GraphCache.ofUser())
            .cut(files.graph(Session.DECODER), GraphKind.DECODER, CutPlan.after(0));
    List<DecoderStage> stages = new ArrayList<>();
    for (int i = 0; i < cut.stages().size(); i++) {
      stages.add(
          new DecoderStage(
              OnnxSession.open(cut.file(i), cut.weights(), SessionSettings.DEFAULT),
              CacheInPlace.isPossible(cut.file(i)),
              cut.stages().size(),
              cut.stages().get(i),
              cut.layers()));
    }
    return new Sequences(embeddings(files), stages, count, seed);
  }

  private static TextEmbeddings embeddings(ModelPackage files) {
    return new TextEmbeddings(
        OnnxSession.open(files.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT));
  }

  RowBatch batch() {
    return new RowBatch(embeddings, stages);
  }

  private Alone alone(int number, Random random) {
    PromptEmbeddings prompt = prompt(1 + random.nextInt(LONGEST_PROMPT), random);
    Prefilled kept = prefill(prompt);
    Alone empty = new Alone(prompt, kept, number, new long[0], List.of());
    Draw draw = empty.draw();
    long[] tokens = new long[1 + random.nextInt(LONGEST_ANSWER)];
    List<float[]> logits = new ArrayList<>();
    Prefilled prefilled = prefill(prompt);
    StepExecutor steps = new StepExecutor(embeddings, stages);
    try (DenseSession session = new DenseSession(steps, empty.row(), prefilled)) {
      for (int i = 0; i < tokens.length; i++) {
        logits.add(session.logits());
        tokens[i] = draw.next(session.logits());
        session.append(tokens[i]);
      }
    }
    return new Alone(prompt, kept, number, tokens, logits);
  }

  Prefilled prefill(PromptEmbeddings prompt) {
    return DensePrefill.plain(stages).run(prompt, StageCaches.empty(stages));
  }

  /** What the prompt of a sequence leaves, for a caller who owns it. */
  Prefilled prefilledAgain(Alone one) {
    return prefill(one.prompt());
  }

  /** Embeddings as large as those of words; positions may have gaps where the graph takes any. */
  PromptEmbeddings prompt(int tokens, Random random) {
    int size = stages.get(0).signature().hiddenSize();
    FloatBuffer words = embeddings.of(new long[] {1 + random.nextInt(50)});
    double squares = 0;
    while (words.hasRemaining()) {
      squares += Math.pow(words.get(), 2);
    }
    double scale = Math.sqrt(squares / size);
    FloatBuffer values = DirectBuffers.floats((long) tokens * size);
    while (values.hasRemaining()) {
      values.put((float) (scale * random.nextGaussian()));
    }
    boolean gaps = stages.get(0).signature().takesPositions() && random.nextBoolean();
    long[] positions = new long[tokens];
    for (int i = 1; i < tokens; i++) {
      positions[i] = positions[i - 1] + 1 + (gaps ? random.nextInt(3) : 0);
    }
    return new PromptEmbeddings(
        values.rewind(), PositionIds.of(positions), positions[tokens - 1] + 1);
  }

  private static LayerExits exits() {
    return new LayerExits(null, 0);
  }

  @Override
  public void close() {
    all.forEach(one -> one.prefilled().close());
    embeddings.close();
    stages.forEach(DecoderStage::close);
  }
}
