package dev.squint.llm;

import dev.squint.llm.RequestStep.Cost;
import dev.squint.llm.RequestStep.Prefilled;
import dev.squint.llm.RequestStep.Prompted;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.batch.Decoding;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.RouterStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** From the prompt to a filled cache: the decoder's first run, with the plan's steps inside it. */
record PrefillStep(ModelParts model, AskOptions options) {

  private static final String NOT_REUSED = "earlier prompts are not reused: ";
  private static final String FITTED =
      "the routers of '%s' were fitted without training by squint calibrate; they are not those of the paper of %s";
  private static final String NO_DRAFTS = "no tokens are drafted: ";

  Prefilled prefill(Prompted prompted) {
    RouterStep router = options.plan().router();
    return router == null ? staged(prompted) : routed(router, prompted);
  }

  private Prefilled staged(Prompted prompted) {
    Stopwatch watch = new Stopwatch();
    PromptEmbeddings embeddings = prompted.embeddings();
    Prompt prompt = prompted.prompt();
    LayerPruning pruning = pruning(prompted);
    PruningPlan plan = options.plan();
    PrefillRequest request =
        PrefillRequest.of(embeddings).withHook(pruning).withDecoding(decoding(prompt));
    StagedDecoderManager staged = model.decoders().staged();
    DecodingSession session =
        staged
            .decoder()
            .prefill(
                reusesPrompts(prompt)
                    ? request.withPrefixes(staged.prefixes())
                    : request.withCache(plan.cache(), prompt.visual()).withExits(plan.exits()));
    Cost cost =
        new Cost(
            watch.total() - pruning.millis(),
            pruning.millis(),
            session.report().reusedMillis(),
            pruning.operations() + session.report().operations(),
            notes(staged, prompt));
    return prefilled(prompted, session, pruning.reductions(), cost);
  }

  private LayerPruning pruning(Prompted prompted) {
    Prompt prompt = prompted.prompt();
    return new LayerPruning(
        options.withPlan(counted(prompt.visual().length)),
        new LayerSources(model.trained(), model.decoders().staged().decoder()::keyRotation),
        prompted.embeddings(),
        prompt.visual(),
        prompt.textAfter(),
        prompted.layerTokens(),
        prompted.pruned().reduction());
  }

  /** The plan for this prompt. */
  private PruningPlan counted(int visualTokens) {
    PruningPlan plan = options.plan();
    return plan.schedule() == null
        ? plan
        : plan.counted(model.decoders().staged().layerCount(), visualTokens);
  }

  private List<String> notes(StagedDecoderManager staged, Prompt prompt) {
    List<String> notes = new ArrayList<>();
    if (reusesPrompts(prompt)) {
      staged.prefixes().obstacle().map(NOT_REUSED::concat).ifPresent(notes::add);
    }
    if (options.plan().cache().isEmpty() && options.plan().exits() == null) {
      staged.decoder().batchNote().ifPresent(notes::add);
    }
    if (options.draftTokens() > 0) {
      draftObstacle(staged, prompt).map(NO_DRAFTS::concat).ifPresent(notes::add);
    }
    return List.copyOf(notes);
  }

  private Optional<String> draftObstacle(StagedDecoderManager staged, Prompt prompt) {
    PruningPlan plan = options.plan();
    if (isBeyondSwitch(prompt)) {
      return Optional.of("the prompt is longer than the frequencies of RoPE for short texts");
    }
    return plan.cache().isEmpty() && plan.exits() == null
        ? staged.decoder().draftObstacle()
        : Optional.of("the plan acts on the cache or lets tokens skip layers");
  }

  /** With a decoder whose layers run on the tokens that a router selects. */
  private Prefilled routed(RouterStep method, Prompted prompted) {
    Stopwatch watch = new Stopwatch();
    int[] visual = prompted.prompt().visual();
    LayerPruning pruning = pruning(prompted);
    PrefillRequest request =
        PrefillRequest.of(prompted.embeddings())
            .withHook(pruning)
            .withCache(options.plan().cache(), visual)
            .withRouter(model.decoders().routed().router(method), visual);
    DecodingSession session = model.decoders().routed().get(method).prefill(request);
    List<String> notes = new ArrayList<>();
    if (method.file().isGiven()) {
      notes.add(FITTED.formatted(method.file().file(), method.method().name()));
    }
    if (options.draftTokens() > 0) {
      notes.add(NO_DRAFTS + "a router chooses the tokens of each layer");
    }
    Cost cost =
        new Cost(
            watch.total() - pruning.millis(),
            pruning.millis(),
            0,
            pruning.operations() + session.report().operations(),
            List.copyOf(notes));
    return prefilled(prompted, session, pruning.reductions(), cost);
  }

  private static Prefilled prefilled(
      Prompted prompted, DecodingSession session, List<LayerReduction> reductions, Cost cost) {
    return new Prefilled(
        prompted,
        session,
        session.report().runs(),
        List.copyOf(reductions),
        session.report().reusedTokens(),
        cost);
  }

  private Decoding decoding(Prompt prompt) {
    if (isBeyondSwitch(prompt)) {
      return Decoding.ALONE;
    }
    return options.draftTokens() > 0 ? Decoding.DRAFTED : Decoding.SHARED;
  }

  /** Then its tokens are rotated by other frequencies than those of a part, or of others. */
  private boolean isBeyondSwitch(Prompt prompt) {
    OptionalInt most = model.ropeSwitch();
    return most.isPresent() && prompt.nextPosition() > most.getAsInt();
  }

  /**
   * A plan that acts in the decoder depends on the whole prompt, so its layers run on all of it.
   */
  private boolean reusesPrompts(Prompt prompt) {
    PruningPlan plan = options.plan();
    return options.reusesPrompts()
        && !isBeyondSwitch(prompt)
        && plan.deepStack().isEmpty()
        && plan.exits() == null
        && plan.schedule() == null
        && plan.points().stream().allMatch(point -> point.compareTo(Point.ENCODER) <= 0);
  }
}
