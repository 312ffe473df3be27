package dev.squint.llm;

import dev.squint.llm.decoder.evidence.LayerEvidence;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.DeepFeatures;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Carries out the steps of a plan between decoder layers. Made for one question. */
final class LayerPruning implements StageHook {

  private final AskOptions options;
  private final PruningPlan plan;
  private final LayerSources sources;
  private final PromptEmbeddings prompt;
  private final long firstPosition;
  private final int textAfter;
  private final List<LayerReduction> reductions = new ArrayList<>();
  private TokenReduction sinceTiles;
  private PatchTokens tokens;
  private int[] visual;
  // The remaining tokens of the prompt, [S'].
  private int[] rows;
  private int restartedAfter;
  private double millis;
  private double operations;

  /**
   * Prepares for one question.
   *
   * @param sources of evidence that the layers do not give
   * @param prompt the input of the decoder
   * @param visual rows of the visual tokens in it, [N]
   * @param textAfter number of text tokens after the pictures, the last ones of the prompt
   * @param tokens the visual tokens of the prompt, with evidence of the encoder and the question
   * @param sinceTiles the reduction of the tokens of all tiles so far
   */
  LayerPruning(
      AskOptions options,
      LayerSources sources,
      PromptEmbeddings prompt,
      int[] visual,
      int textAfter,
      PatchTokens tokens,
      TokenReduction sinceTiles) {
    this.options = options;
    this.plan = options.plan();
    this.sources = sources;
    this.prompt = prompt;
    this.firstPosition = prompt.positions().axis(0)[0];
    this.textAfter = textAfter;
    this.visual = visual;
    this.tokens = tokens;
    this.sinceTiles = sinceTiles;
    this.rows = IntStream.range(0, prompt.tokens()).toArray();
  }

  /** The reduction of the visual tokens, point by point. */
  List<LayerReduction> reductions() {
    return reductions;
  }

  @Override
  public boolean readsPrompt() {
    return plan.deepStack().isPresent()
        || plan.points().stream().anyMatch(point -> point.kind() == Point.Kind.DECODER);
  }

  @Override
  public int[] queries(int layers, int count) {
    return acts(layers)
        ? LayerEvidence.queries(plan.needs(Point.decoder(layers)), visual, textAfter, count)
        : new int[0];
  }

  // A restarted decoder runs through earlier points again, whose steps are applied already.
  private boolean acts(int layers) {
    return visual.length > 0
        && layers > restartedAfter
        && !plan.at(Point.decoder(layers)).isEmpty();
  }

  /** Milliseconds that choosing and merging took so far. */
  double millis() {
    return millis;
  }

  /** Operations that choosing and merging took so far, {@link dev.squint.pruner.Operations}. */
  double operations() {
    return operations;
  }

  @Override
  public StageInput between(StageEnd end) {
    Stopwatch watch = new Stopwatch();
    StageInput onward = withAdditions(end, decided(end));
    millis += watch.total();
    return onward;
  }

  /** DeepStack's groups of crop tokens, added to the hidden states of the global views. */
  private StageInput withAdditions(StageEnd end, StageInput onward) {
    DeepFeatures addition = new DeepFeatures(end.layers() - 1);
    if (onward.restart() != null
        || plan.deepStack().isEmpty()
        || !tokens.evidenceKinds().contains(addition)) {
      return onward;
    }
    int[] going = onward.rows();
    int[] places = IntStream.of(visual).map(place -> going[place]).toArray();
    StageInput.Changed changed = onward.changed();
    Matrix hidden = changed == null ? end.hidden().rows(places) : changed.hidden();
    float[] sum = hidden.data().clone();
    float[] added = tokens.evidence(addition).data();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += added[i];
    }
    return onward.changing(
        new StageInput.Changed(visual, new Matrix(hidden.rows(), hidden.cols(), sum)));
  }

  private StageInput decided(StageEnd end) {
    if (!acts(end.layers())) {
      return StageInput.everything(end);
    }
    Point point = Point.decoder(end.layers());
    LayerTokens layerTokens = layerTokens(end, plan.needs(point));
    Decision decision = plan.decide(point, layerTokens);
    operations += decision.operations();
    TokenReduction reduction = decision.reduction();
    TokenReduction before = sinceTiles;
    sinceTiles = sinceTiles.then(reduction);
    options.onPoint().accept(PointReport.of(point, before, sinceTiles, decision.scores()));
    reductions.add(new LayerReduction(point, sinceTiles));
    if (reduction.isIdentity()) {
      return StageInput.everything(end);
    }
    int[] stay = stay(reduction, end.tokens());
    tokens = tokens.reduced(reduction);
    rows = IntStream.of(stay).map(row -> rows[row]).toArray();
    visual = placesOf(reduction, stay);
    StageInput onward = onward(point, end, stay);
    return reduction.merges() && onward.restart() == null
        ? onward.changing(new StageInput.Changed(visual, reduction.apply(layerTokens.features())))
        : onward;
  }

  private LayerTokens layerTokens(StageEnd end, Set<Evidence<?>> needs) {
    EvidenceSet observed =
        new LayerEvidence(end, visual, textAfter, sources.rotation()).observe(needs);
    operations += observed.operations();
    for (Evidence<?> evidence : tokens.evidenceKinds()) {
      observed = carried(observed, evidence);
    }
    observed =
        RequestEvidence.addAtLayer(observed, sources.trained(), needs, Point.decoder(end.layers()));
    return LayerTokens.of(tokens, end.hidden().rows(visual), observed);
  }

  private <V> EvidenceSet carried(EvidenceSet observed, Evidence<V> evidence) {
    return observed.with(evidence, tokens.evidence(evidence));
  }

  /**
   * Rows that the next stage runs on: all text, and the representatives of the new visual tokens.
   */
  private int[] stay(TokenReduction reduction, int count) {
    BitSet stay = new BitSet(count);
    stay.set(0, count);
    IntStream.of(visual).forEach(stay::clear);
    IntStream.of(reduction.kept()).forEach(kept -> stay.set(visual[kept]));
    return stay.stream().toArray();
  }

  private int[] placesOf(TokenReduction reduction, int[] stay) {
    return IntStream.of(reduction.kept())
        .map(kept -> Arrays.binarySearch(stay, visual[kept]))
        .toArray();
  }

  private StageInput onward(Point point, StageEnd end, int[] stay) {
    List<Continuation> wanted =
        plan.at(point).stream().map(Step::pruner).map(pruner -> pruner.continuation()).toList();
    if (wanted.contains(Continuation.RESTART)) {
      restartedAfter = point.layers();
      return StageInput.restarted(end, stay, shortened());
    }
    return wanted.contains(Continuation.RENUMBER)
        ? StageInput.renumbered(end, stay)
        : StageInput.keepingPositions(end, stay);
  }

  /** The prompt with the tokens that are left, counted without gaps. */
  private PromptEmbeddings shortened() {
    int size = prompt.size();
    FloatBuffer all = prompt.values();
    FloatBuffer left = DirectBuffers.floats((long) rows.length * size);
    for (int row : rows) {
      left.put(all.slice(all.position() + row * size, size));
    }
    for (int i = 0; i < visual.length; i++) {
      left.put(visual[i] * size, tokens.features().data(), i * size, size);
    }
    // With several axes, tokens keep their coordinates in the picture.
    PromptEmbeddings shorter =
        prompt.positions().axes() > 1
            ? new PromptEmbeddings(
                left.rewind(), prompt.positions().of(rows), prompt.nextPosition())
            : new PromptEmbeddings(
                left.rewind(),
                PositionIds.counting(firstPosition, rows.length),
                firstPosition + rows.length);
    return shorter.with(prompt.extras().of(rows).with(() -> shorter.rows(0, rows.length)));
  }
}
