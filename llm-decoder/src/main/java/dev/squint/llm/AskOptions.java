package dev.squint.llm;

import dev.squint.llm.decoder.Sampler;
import dev.squint.pruner.plan.PruningPlan;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How to answer one question.
 *
 * @param plan which visual tokens are looked at
 * @param maxTokens the most tokens to generate, at least 1
 * @param sampler makes the sampler of one answer
 * @param onText is given each piece of the answer as soon as it is there, on the asking thread
 * @param onPoint is told at each point of the plan what became of the visual tokens, on the asking
 *     thread
 * @param cancelled is asked before each step whether to stop; may be called from the asking thread
 *     only
 * @param reusesPrompts whether the decoder goes on from what it computed for an earlier prompt that
 *     began alike, where the plan does not act in it; if not, this prompt is not remembered either
 */
public record AskOptions(
    PruningPlan plan,
    int maxTokens,
    Supplier<Sampler> sampler,
    Consumer<String> onText,
    Consumer<PointReport> onPoint,
    BooleanSupplier cancelled,
    boolean reusesPrompts) {

  /** All visual tokens, greedy, 256 tokens at most. */
  public static final AskOptions DEFAULT =
      new AskOptions(
          PruningPlan.none(),
          256,
          () -> Sampler.GREEDY,
          piece -> {},
          point -> {},
          () -> false,
          true);

  public AskOptions {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("max tokens must be at least 1 but was " + maxTokens);
    }
  }

  /** The same with another plan. */
  public AskOptions withPlan(PruningPlan plan) {
    return new AskOptions(plan, maxTokens, sampler, onText, onPoint, cancelled, reusesPrompts);
  }

  /** The same with another plan, as {@link PruningPlan#parse} reads it. */
  public AskOptions withPlan(String plan) {
    return withPlan(PruningPlan.parse(plan));
  }

  /** The same with another limit. */
  public AskOptions withMaxTokens(int maxTokens) {
    return new AskOptions(plan, maxTokens, sampler, onText, onPoint, cancelled, reusesPrompts);
  }

  /** The same with another way to choose tokens; the supplier makes a sampler for each answer. */
  public AskOptions withSampler(Supplier<Sampler> sampler) {
    return new AskOptions(plan, maxTokens, sampler, onText, onPoint, cancelled, reusesPrompts);
  }

  /** The same with the answer streamed. */
  public AskOptions streamingTo(Consumer<String> onText) {
    return new AskOptions(plan, maxTokens, sampler, onText, onPoint, cancelled, reusesPrompts);
  }

  /** The same with each point of the plan reported. */
  public AskOptions reportingTo(Consumer<PointReport> onPoint) {
    return new AskOptions(plan, maxTokens, sampler, onText, onPoint, cancelled, reusesPrompts);
  }

  /** The same with a way to stop it. */
  public AskOptions cancelledBy(BooleanSupplier cancelled) {
    return new AskOptions(plan, maxTokens, sampler, onText, onPoint, cancelled, reusesPrompts);
  }

  /** The same with the whole prompt computed for this question, or not. */
  public AskOptions withPromptReuse(boolean reusesPrompts) {
    return new AskOptions(plan, maxTokens, sampler, onText, onPoint, cancelled, reusesPrompts);
  }
}
