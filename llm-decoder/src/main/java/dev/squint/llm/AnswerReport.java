package dev.squint.llm;

import dev.squint.llm.RequestStep.Cost;
import dev.squint.llm.RequestStep.Encoded;
import dev.squint.llm.RequestStep.Frames;
import dev.squint.llm.RequestStep.Prefilled;
import dev.squint.llm.RequestStep.Prompted;
import dev.squint.llm.RequestStep.Pruned;
import dev.squint.llm.RequestStep.Tiled;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Puts the results of a request's steps together into an {@link Answer}.
 *
 * @param notes about the model, which come before those of the steps
 * @param sinceQuestion runs since the question was asked
 */
record AnswerReport(PruningPlan plan, List<String> notes, Stopwatch sinceQuestion) {

  /** The answer of a request that took all steps. */
  Answer answer(Prefilled prefilled, Generated generated) {
    return answer(prefilled, prefilled.prompted().prompt().ids().length, generated);
  }

  /** The answer of a request that was cancelled after a step. */
  Answer unfinished(RequestStep done) {
    return answer(done, 0, Generated.NOTHING);
  }

  private Answer answer(RequestStep last, int promptTokens, Generated generated) {
    Steps steps = Steps.until(last);
    return new Answer(
        generated.text(),
        generated.reason(),
        new Answer.Counts(
            promptTokens,
            steps.find(Prefilled.class).map(Prefilled::reusedTokens).orElse(0),
            generated.tokens(),
            generated.drafts(),
            generated.cacheBytes()),
        timings(steps, generated),
        pruning(steps),
        steps.find(Frames.class).map(made -> made.expanded().seconds()).orElse(List.of()),
        Stream.concat(
                notes.stream(), steps.all().stream().flatMap(step -> step.cost().notes().stream()))
            .distinct()
            .toList());
  }

  private Answer.Pruning pruning(Steps steps) {
    Optional<Encoded> encoded = steps.find(Encoded.class);
    Optional<Prefilled> prefilled = steps.find(Prefilled.class);
    return new Answer.Pruning(
        plan,
        steps.sum(Cost::operations),
        encoded.map(Encoded::encoding).orElse(Encoding.NONE),
        encoded.map(Encoded::work).orElse(EncoderWork.NONE),
        encoded.map(made -> made.tokens().tiles()).orElse(List.of()),
        steps
            .find(Pruned.class)
            .map(Pruned::reduction)
            .or(() -> encoded.map(Encoded::reduction))
            .orElse(TokenReduction.keepAll(0)),
        prefilled.map(Prefilled::layerReductions).orElse(List.of()),
        Stream.concat(
                encoded.stream().flatMap(made -> made.glances().stream()),
                prefilled.stream().flatMap(made -> made.runs().stream()))
            .toList());
  }

  private Timings timings(Steps steps, Generated generated) {
    return new Timings(
        new Timings.Phases(
            steps.millis(Frames.class) + steps.millis(Tiled.class),
            steps.millis(Encoded.class),
            steps.sum(Cost::choosingMillis),
            steps.millis(Prompted.class) + steps.millis(Prefilled.class),
            generated.millis()),
        generated.firstTokenMillis(),
        sinceQuestion.total(),
        steps.cachedMillis(Encoded.class),
        steps.cachedMillis(Prefilled.class));
  }

  /**
   * The results of a request.
   *
   * @param all from the first to the last
   */
  private record Steps(Deque<RequestStep> all) {

    static Steps until(RequestStep last) {
      Deque<RequestStep> all = new ArrayDeque<>();
      Optional<RequestStep> step = Optional.of(last);
      while (step.isPresent()) {
        all.addFirst(step.get());
        step = step.get().before();
      }
      return new Steps(all);
    }

    <T extends RequestStep> Optional<T> find(Class<T> kind) {
      return all.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    double sum(ToDoubleFunction<Cost> value) {
      return all.stream().map(RequestStep::cost).mapToDouble(value).sum();
    }

    double millis(Class<? extends RequestStep> kind) {
      return find(kind).map(step -> step.cost().millis()).orElse(0.0);
    }

    double cachedMillis(Class<? extends RequestStep> kind) {
      return find(kind).map(step -> step.cost().cachedMillis()).orElse(0.0);
    }
  }
}
