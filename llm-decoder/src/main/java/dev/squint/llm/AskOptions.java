package dev.squint.llm;

import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.generation.LogitsRules;
import dev.squint.llm.generation.Sampling;
import dev.squint.pruner.plan.PruningPlan;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How to answer one question: start with {@link #DEFAULT} and change single options. Immutable. */
public final class AskOptions {

  /** All visual tokens, greedy, 256 tokens at most. */
  public static final AskOptions DEFAULT = new AskOptions(new Values());

  /** The most tokens of a draft. */
  public static final int MOST_DRAFT_TOKENS = 32;

  private final PruningPlan plan;
  private final int maxTokens;
  private final @Nullable Function<Sampling, Sampler> sampler;
  private final Consumer<String> onText;
  private final Consumer<PointReport> onPoint;
  private final Consumer<RequestPhase> onPhase;
  private final BooleanSupplier cancelled;
  private final boolean reusesPrompts;
  private final UnaryOperator<LogitsRules> rules;
  private final int draftTokens;

  private AskOptions(Values values) {
    if (values.draftTokens < 0 || values.draftTokens > MOST_DRAFT_TOKENS) {
      throw new IllegalArgumentException(
          "draft tokens must be in 0..%d but were %d"
              .formatted(MOST_DRAFT_TOKENS, values.draftTokens));
    }
    if (values.maxTokens < 1) {
      throw new IllegalArgumentException(
          "max tokens must be at least 1 but was " + values.maxTokens);
    }
    this.plan = values.plan;
    this.maxTokens = values.maxTokens;
    this.sampler = values.sampler;
    this.onText = values.onText;
    this.onPoint = values.onPoint;
    this.onPhase = values.onPhase;
    this.cancelled = values.cancelled;
    this.reusesPrompts = values.reusesPrompts;
    this.rules = values.rules;
    this.draftTokens = values.draftTokens;
  }

  /** A mutable copy of the options, to change one of them. */
  private static final class Values {
    private PruningPlan plan = PruningPlan.none();
    private int maxTokens = 256;
    private @Nullable Function<Sampling, Sampler> sampler;
    private Consumer<String> onText = piece -> {};
    private Consumer<PointReport> onPoint = point -> {};
    private Consumer<RequestPhase> onPhase = phase -> {};
    private BooleanSupplier cancelled = () -> false;
    private boolean reusesPrompts = true;
    private UnaryOperator<LogitsRules> rules = ofPackage -> ofPackage;
    private int draftTokens;
  }

  private AskOptions with(Consumer<Values> change) {
    Values values = new Values();
    values.plan = plan;
    values.maxTokens = maxTokens;
    values.sampler = sampler;
    values.onText = onText;
    values.onPoint = onPoint;
    values.onPhase = onPhase;
    values.cancelled = cancelled;
    values.reusesPrompts = reusesPrompts;
    values.rules = rules;
    values.draftTokens = draftTokens;
    change.accept(values);
    return new AskOptions(values);
  }

  /** Which visual tokens are kept. */
  public PruningPlan plan() {
    return plan;
  }

  /** The most tokens to generate, at least 1. */
  public int maxTokens() {
    return maxTokens;
  }

  /**
   * Makes the sampler of one answer; {@link Sampler#GREEDY} if these options do not say how tokens
   * are chosen.
   *
   * @param ofPackage from which tokens the package draws; {@link Sampling#ALL} if it does not say
   */
  public Sampler sampler(Sampling ofPackage) {
    return sampler == null ? Sampler.GREEDY : sampler.apply(ofPackage);
  }

  /** Whether these options say how tokens are chosen. */
  public boolean choosesSampler() {
    return sampler != null;
  }

  /** Receives each piece of the answer as it is generated, on the calling thread. */
  public Consumer<String> onText() {
    return onText;
  }

  /** Receives the reduction at each point of the plan, on the asking thread. */
  public Consumer<PointReport> onPoint() {
    return onPoint;
  }

  /**
   * Receives each phase when it has ended, on the asking thread; not those after a cancellation.
   */
  public Consumer<RequestPhase> onPhase() {
    return onPhase;
  }

  /** Is asked before each step whether to stop; may be called by another thread too. */
  public BooleanSupplier cancelled() {
    return cancelled;
  }

  /**
   * Whether the decoder reuses what it computed for an earlier prompt that began with the same
   * tokens, where the plan does not act in it; if not, this prompt is not remembered either.
   */
  public boolean reusesPrompts() {
    return reusesPrompts;
  }

  /** Changes how logits depend on what was said before; given the package's rules. */
  public UnaryOperator<LogitsRules> rules() {
    return rules;
  }

  /**
   * The most tokens that are guessed and run together with the next one (prompt lookup decoding); 0
   * for none.
   */
  public int draftTokens() {
    return draftTokens;
  }

  /**
   * The same with drafts: where the last words occurred before, in the prompt or the answer, the
   * tokens that followed them are run together with the next one. The answer is the same, but for
   * the rounding of floats. Plans that act on the cache or on single layers, and decoders whose
   * tokens change each other's rounding, run without; a note then says why.
   *
   * @param tokens of a draft, at most; 0 for none
   * @throws IllegalArgumentException if it is below 0 or above {@link #MOST_DRAFT_TOKENS}
   */
  public AskOptions withDraftTokens(int tokens) {
    return with(values -> values.draftTokens = tokens);
  }

  /**
   * The same with other rules than those of the package's {@code generation_config.json}.
   *
   * @param change given the package's rules, or those of an earlier change
   */
  public AskOptions withRules(UnaryOperator<LogitsRules> change) {
    UnaryOperator<LogitsRules> before = rules;
    return with(values -> values.rules = ofPackage -> change.apply(before.apply(ofPackage)));
  }

  /** The same with another plan. */
  public AskOptions withPlan(PruningPlan plan) {
    return with(values -> values.plan = plan);
  }

  /** The same with another plan, as {@link PruningPlan#parse} reads it. */
  public AskOptions withPlan(String plan) {
    return withPlan(PruningPlan.parse(plan));
  }

  /**
   * The same with another limit.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public AskOptions withMaxTokens(int maxTokens) {
    return with(values -> values.maxTokens = maxTokens);
  }

  /** The same with another way to choose tokens; the supplier makes a sampler for each answer. */
  public AskOptions withSampler(Supplier<Sampler> sampler) {
    return with(values -> values.sampler = ofPackage -> sampler.get());
  }

  /**
   * The same with tokens drawn at random.
   *
   * @param change given what the package's {@code generation_config.json} draws from if it asks for
   *     sampling ({@code do_sample}), else {@link Sampling#ALL}
   * @param seed the same seed draws the same tokens
   */
  public AskOptions withSampling(UnaryOperator<Sampling> change, long seed) {
    return with(
        values -> values.sampler = ofPackage -> Sampler.random(change.apply(ofPackage), seed));
  }

  /** The same with the answer streamed. */
  public AskOptions streamingTo(Consumer<String> onText) {
    return with(values -> values.onText = onText);
  }

  /** The same with each point of the plan reported. */
  public AskOptions reportingTo(Consumer<PointReport> onPoint) {
    return with(values -> values.onPoint = onPoint);
  }

  /** The same with the end of each phase reported, for example to measure it. */
  public AskOptions notifyingOf(Consumer<RequestPhase> onPhase) {
    return with(values -> values.onPhase = onPhase);
  }

  /** The same with a way to stop it. */
  public AskOptions cancelledBy(BooleanSupplier cancelled) {
    return with(values -> values.cancelled = cancelled);
  }

  /** The same with the whole prompt computed for this question, or not. */
  public AskOptions withPromptReuse(boolean reusesPrompts) {
    return with(values -> values.reusesPrompts = reusesPrompts);
  }
}
