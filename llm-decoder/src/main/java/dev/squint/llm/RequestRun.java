package dev.squint.llm;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.DecodingSession;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.PromptEmbeddings;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.StageRun;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.model.TextStream;
import dev.squint.llm.prompt.Prompt;
import dev.squint.llm.prompt.PromptWriter;
import dev.squint.pruner.Attention;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.RouterStep;
import dev.squint.vision.onnx.Cancellation;
import dev.squint.vision.tile.Downsampling;
import dev.squint.vision.tile.TiledImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

/**
 * One question on its way: pictures, tiles, visual tokens, fewer of them, prompt, cache, answer.
 * Made for one question and thrown away.
 */
final class RequestRun {

  private static final String SUBSTITUTE =
      "the encoder has no CLS token: its attention is the mean over all patches instead";

  private final ModelParts model;
  private final List<Message> conversation;
  private final AskOptions options;

  private final Stopwatch watch = new Stopwatch();
  private final List<String> notes = new ArrayList<>();
  private Encoding encoding = Encoding.NONE;
  private List<Tile> tiles = List.of();
  private TokenReduction reduction = TokenReduction.keepAll(0);
  private TokenReduction afterEncoder = TokenReduction.keepAll(0);
  private List<LayerReduction> layerReductions = List.of();
  private List<StageRun> prefillRuns = List.of();
  private final List<StageRun> glances = new ArrayList<>();
  // With its videos written as frames.
  private List<Message> asked = List.of();
  private List<List<Double>> frameSeconds = List.of();
  private List<TiledImage> tiledNow = List.of();
  // The tokens that the decoder is given, with what is added to them between its layers.
  private Optional<PatchTokens> stacked = Optional.empty();
  private double preprocessMillis;
  private double encodeMillis;
  private double cachedEncodeMillis;
  private double pruneMillis;
  private double pruneOperations;
  private double prefillMillis;
  private double cachedPrefillMillis;
  private int reusedTokens;
  private double firstTokenMillis;

  RequestRun(ModelParts model, List<Message> conversation, AskOptions options) {
    this.model = model;
    this.conversation = conversation;
    this.options = options;
    model.files().note().ifPresent(notes::add);
    model.files().notice().ifPresent(notes::add);
  }

  Answer answer() {
    Cancellation cancellation = Cancellation.watching(options.cancelled());
    try {
      return answered();
    } catch (CancellationException brokenOff) {
      return unfinished();
    } finally {
      cancellation.close();
    }
  }

  private Answer answered() {
    ExpandedConversation written = model.tiling().expand(conversation, options.plan());
    frameSeconds = written.seconds();
    asked = written.conversation();
    pruneOperations = written.operations();
    List<Content> images = written.images();
    List<TiledImage> full = model.tiling().full(images);
    List<TiledImage> tiled = model.tiling().given(images, full, options.plan());
    tiledNow = tiled;
    preprocessMillis = watch.lap();
    if (isCancelled()) {
      return unfinished();
    }
    PatchTokens tokens = encode(full, tiled, written);
    if (isCancelled()) {
      return unfinished();
    }
    PatchTokens kept = prune(tokens);
    pruneMillis += watch.lap();
    if (isCancelled()) {
      return unfinished();
    }
    PromptWriter writer = model.writer();
    StagedDecoder decoder = decoder();
    Prompt whole =
        writer.write(written.conversation(), options.plan().keepsPlaces() ? tokens : kept);
    int maxTokens = Math.min(options.maxTokens(), room(whole.ids().length));
    Prompt prompt = options.plan().keepsPlaces() ? whole.without(afterEncoder) : whole;
    PromptEmbeddings embeddings = writer.embed(prompt, kept, decoder.embeddings());
    RouterStep router = options.plan().router();
    if (router != null) {
      return routed(router, embeddings, prompt, maxTokens);
    }
    LayerPruning pruning =
        new LayerPruning(
            options,
            model.trained(),
            embeddings,
            prompt.visual(),
            prompt.textAfter(),
            forLayers(kept, prompt, embeddings),
            reduction);
    PrefillRequest request = PrefillRequest.of(embeddings).withHook(pruning);
    try (DecodingSession session =
        decoder.prefill(
            reusesPrompts()
                ? request.withPrefixes(model.decoders().staged().prefixes())
                : request
                    .withCache(options.plan().cache(), prompt.visual())
                    .withExits(options.plan().exits()))) {
      prefillMillis = watch.lap() - pruning.millis();
      cachedPrefillMillis = session.report().reusedMillis();
      reusedTokens = session.report().reusedTokens();
      pruneMillis += pruning.millis();
      pruneOperations += pruning.operations() + session.report().operations();
      layerReductions = pruning.reductions();
      prefillRuns = session.report().runs();
      return decode(session, prompt.ids().length, maxTokens);
    }
  }

  /**
   * What a plan does in the decoder depends on the whole prompt, so there its layers run on all.
   */
  private boolean reusesPrompts() {
    PruningPlan plan = options.plan();
    return options.reusesPrompts()
        && plan.deepStack().isEmpty()
        && plan.exits() == null
        && plan.points().stream().allMatch(point -> point.compareTo(Point.ENCODER) <= 0);
  }

  /** Goes on with a decoder whose layers run on the tokens that a router wants. */
  private Answer routed(
      RouterStep method, PromptEmbeddings embeddings, Prompt prompt, int maxTokens) {
    LayerRouter router = method.with(model.trained().weights(method.method().name()).orElseThrow());
    try (DecodingSession session =
        model
            .decoders()
            .routed()
            .get(method)
            .prefill(PrefillRequest.of(embeddings).withRouter(router, prompt.visual()))) {
      prefillMillis = watch.lap();
      pruneOperations += session.report().operations();
      prefillRuns = session.report().runs();
      return decode(session, prompt.ids().length, maxTokens);
    }
  }

  /** How many tokens the model can add to a prompt of this length. */
  private int room(int promptTokens) {
    int room = model.contextTokens() - promptTokens;
    if (room < 1) {
      throw new ContextExceeded(
          "the prompt has %d tokens but model %s was made for %d with the answer; ask about fewer pictures, or with a plan that keeps fewer tokens"
              .formatted(promptTokens, model.files().name(), model.contextTokens()));
    }
    return room;
  }

  private StagedDecoder decoder() {
    return model.decoders().staged().decoder();
  }

  private boolean isCancelled() {
    return options.cancelled().getAsBoolean();
  }

  private PatchTokens encode(
      List<TiledImage> full, List<TiledImage> tiled, ExpandedConversation written) {
    TileEncoding tileEncoding =
        new TileEncoding(
            model.encoderCache(), options.plan(), requestEvidence(), decoder().deepFeatures());
    PatchTokens tokens = tileEncoding.encode(tiled);
    PatchTokens encoded = tokens;
    model
        .training()
        .domain()
        .ifPresent(check -> notes.addAll(check.notes(written.images(), frameSeconds, encoded)));
    tiles = tokens.tiles();
    reduction = ofAllTiles(tokens);
    // A frame is one tile, and those of a clip have one size.
    int ofDropped =
        written.dropped() * (tiles.isEmpty() ? 0 : tiles.get(tiles.size() - 1).tokens());
    encoding =
        new Encoding(
            tiles(full) + written.dropped(),
            tileEncoding.encodedTiles(),
            inFullSize(reduction.before(), tiled, full) + ofDropped);
    if (options.plan().pictureShare() < 1) {
      TokenReduction shown = Downsampling.shown(tiled, tokens);
      reduction = reduction.then(shown);
      tokens = tokens.reduced(shown);
    }
    TokenReduction given = model.writer().given(written.conversation(), tokens);
    reduction = reduction.then(given);
    tokens = tokens.reduced(given);
    // What left inside the encoder is known when its tokens are there.
    options.plan().points().stream()
        .filter(point -> point.compareTo(Point.ENCODER) < 0)
        .reduce((earlier, later) -> later)
        .ifPresent(
            point -> options.onPoint().accept(new PointReport(point, reduction, Optional.empty())));
    if (tileEncoding.usesSubstitute()) {
      notes.add(SUBSTITUTE);
    }
    cachedEncodeMillis = tileEncoding.cachedMillis();
    pruneOperations += tileEncoding.operations();
    pruneMillis = tileEncoding.chooseMillis();
    encodeMillis = watch.lap() - pruneMillis;
    return tokens;
  }

  /** What was encoded of all tiles, as a decision about the tokens that all of them have. */
  private static TokenReduction ofAllTiles(PatchTokens tokens) {
    int[] first = new int[tokens.tiles().size() + 1];
    for (int t = 0; t < tokens.tiles().size(); t++) {
      first[t + 1] = first[t] + tokens.tiles().get(t).tokens();
    }
    int[] encoded =
        tokens.positions().stream()
            .mapToInt(
                token ->
                    first[token.tile()]
                        + token.row() * tokens.tiles().get(token.tile()).cols()
                        + token.col())
            .toArray();
    return TokenReduction.keep(first[first.length - 1], encoded);
  }

  private static int tiles(List<TiledImage> pictures) {
    return pictures.stream().mapToInt(picture -> picture.tiles().size()).sum();
  }

  /** Tokens come from pixels, as many from each. */
  private static int inFullSize(int tokens, List<TiledImage> tiled, List<TiledImage> full) {
    long pixels = tiled.stream().mapToLong(Downsampling::pixels).sum();
    long ofFull = full.stream().mapToLong(Downsampling::pixels).sum();
    return pixels == ofFull ? tokens : (int) Math.rint((double) tokens * ofFull / pixels);
  }

  private PatchTokens prune(PatchTokens tokens) {
    if (tokens.size() == 0) {
      return tokens;
    }
    PatchTokens known = requestEvidence().addTo(tokens, options.plan().needs(Point.ENCODER));
    if (showsSubstitute(known) && !notes.contains(SUBSTITUTE)) {
      notes.add(SUBSTITUTE);
    }
    Decision decision = options.plan().decide(Point.ENCODER, known);
    pruneOperations += known.operations() - tokens.operations() + decision.operations();
    TokenReduction before = reduction;
    afterEncoder = decision.reduction();
    reduction = reduction.then(afterEncoder);
    if (!options.plan().at(Point.ENCODER).isEmpty()) {
      options.onPoint().accept(PointReport.of(Point.ENCODER, before, reduction, decision.scores()));
    }
    PatchTokens whole = known;
    stacked =
        options.plan().deepStack().map(deep -> deep.withAdditions(whole).reduced(afterEncoder));
    return known.reduced(afterEncoder);
  }

  /** The visual tokens with what methods between decoder layers read of the question. */
  private PatchTokens forLayers(PatchTokens kept, Prompt prompt, PromptEmbeddings embeddings) {
    PatchTokens told = stacked.orElse(kept);
    if (prompt.visual().length == 0) {
      return told;
    }
    PatchTokens known =
        RequestEvidence.addForLayers(
            told,
            options.plan(),
            kept.features(),
            () -> embeddings.rows(embeddings.tokens() - prompt.textAfter(), embeddings.tokens()));
    pruneOperations += known.operations() - told.operations();
    return known;
  }

  private RequestEvidence requestEvidence() {
    return new RequestEvidence(this::question, model.trained(), this::glanced, tiledNow);
  }

  /** Global views with where the question looks in them, by the first layers of the decoder. */
  private PatchTokens glanced(PatchTokens views, GlanceAttention kind) {
    PromptWriter writer = model.writer();
    TokenReduction given = writer.given(asked, views);
    PatchTokens seen = views.reduced(given);
    Prompt prompt = writer.write(asked, seen);
    PromptEmbeddings embeddings = writer.embed(prompt, seen, decoder().embeddings());
    EvidenceSet observed = decoder().glance(embeddings, prompt.visual(), kind.layers());
    glances.add(new StageRun(0, kind.layers(), prompt.ids().length));
    Matrix attention = observed.get(new LastQueryAttention()).perHead();
    // Where several tokens are given as one, each has its attention.
    int[] target = given.target();
    float[] perToken = new float[attention.rows() * target.length];
    for (int h = 0; h < attention.rows(); h++) {
      for (int j = 0; j < target.length; j++) {
        perToken[h * target.length + j] = target[j] < 0 ? 0 : attention.get(h, target[j]);
      }
    }
    return views.with(
        kind,
        Attention.of(new Matrix(attention.rows(), target.length, perToken)),
        observed.operations());
  }

  private Matrix question() {
    return model.writer().question(conversation, decoder().embeddings(), decoder().hiddenSize());
  }

  static boolean showsSubstitute(PatchTokens tokens) {
    return tokens.evidenceKinds().stream()
        .map(tokens::evidence)
        .anyMatch(value -> value instanceof Attention attention && attention.substitute());
  }

  private Answer decode(DecodingSession session, int promptTokens, int maxTokens) {
    Sampler sampler = options.sampler().get();
    TextStream stream = new TextStream(model.writer().tokenizer());
    StringBuilder text = new StringBuilder();
    FinishReason reason = FinishReason.LENGTH;
    int generated = 0;
    while (true) {
      if (isCancelled()) {
        reason = FinishReason.CANCELLED;
        break;
      }
      int token = sampler.next(session.logits());
      if (firstTokenMillis == 0) {
        firstTokenMillis = watch.total();
      }
      if (model.stopTokens().contains((long) token)) {
        reason = FinishReason.STOP;
        break;
      }
      generated++;
      emit(stream.add(token), text);
      if (generated == maxTokens) {
        break;
      }
      try {
        session.append(token);
      } catch (CancellationException brokenOff) {
        reason = FinishReason.CANCELLED;
        break;
      }
    }
    emit(stream.end(), text);
    double decodeMillis = watch.lap();
    return answer(
        text.toString(), reason, promptTokens, generated, session.cacheBytes(), decodeMillis);
  }

  // Most tokenizers begin a word with its space; an answer does not begin with one.
  private void emit(String piece, StringBuilder text) {
    String visible = text.isEmpty() ? piece.stripLeading() : piece;
    if (!visible.isEmpty()) {
      text.append(visible);
      options.onText().accept(visible);
    }
  }

  private Answer unfinished() {
    return answer("", FinishReason.CANCELLED, 0, 0, 0, 0);
  }

  private Answer answer(
      String text,
      FinishReason reason,
      int promptTokens,
      int completionTokens,
      long kvBytes,
      double decodeMillis) {
    return new Answer(
        text,
        reason,
        promptTokens,
        reusedTokens,
        completionTokens,
        kvBytes,
        new Timings(
            preprocessMillis,
            encodeMillis,
            pruneMillis,
            prefillMillis,
            decodeMillis,
            firstTokenMillis,
            watch.total(),
            cachedEncodeMillis,
            cachedPrefillMillis),
        pruneOperations,
        options.plan(),
        encoding,
        tiles,
        reduction,
        layerReductions,
        Stream.concat(glances.stream(), prefillRuns.stream()).toList(),
        frameSeconds,
        notes);
  }
}
