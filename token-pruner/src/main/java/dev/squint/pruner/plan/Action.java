package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.LayerSchedule;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenSet;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.method.depth.SkipDecode;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The action of a method in the catalogue. Each kind of action creates its own kind of step, so the
 * parser and the catalogue do not depend on the kinds.
 */
public sealed interface Action {

  /** The record whose components are the method's parameters, with their defaults. */
  Object defaults();

  /** The evidence that it reads with its default parameters. */
  Set<Evidence<?>> needs();

  /** Whether it needs trained weights. */
  default Method.Training training() {
    return needs().stream().anyMatch(Trained.class::isInstance)
        ? Method.Training.TRAINED
        : Method.Training.FREE;
  }

  /**
   * Creates the step of a plan from its arguments.
   *
   * @param arguments budget and parameters by name
   * @throws IllegalArgumentException for an argument that the method does not take
   */
  PlanStep step(Method method, Point point, Map<String, String> arguments);

  /**
   * Reduces tokens.
   *
   * @param actsOn the tokens that it reads
   * @param pruner the method with its parameters
   */
  record Tokens<S extends TokenSet>(Class<S> actsOn, Pruner<S> pruner) implements Action {
    @Override
    public Object defaults() {
      return pruner;
    }

    @Override
    public Set<Evidence<?>> needs() {
      return pruner.needs();
    }

    @Override
    public Step<S> step(Method method, Point point, Map<String, String> arguments) {
      Budget budget = StepArguments.takeBudget(method.name(), point, arguments);
      StepArguments.checkNames(method, point, arguments);
      return new Step<>(
          point, method, new Tokens<>(actsOn, Parameters.with(pruner, arguments)), budget);
    }
  }

  /**
   * Decides what is kept in the KV cache, and in which storage format.
   *
   * @param policy the method with its parameters
   */
  record Cache(CachePolicy policy) implements Action {
    @Override
    public Object defaults() {
      return policy;
    }

    @Override
    public Set<Evidence<?>> needs() {
      return policy.needs();
    }

    @Override
    public CacheStep step(Method method, Point point, Map<String, String> arguments) {
      Budget budget = StepArguments.takeBudget(method.name(), point, arguments);
      StepArguments.checkNames(method, point, arguments);
      return new CacheStep(method, Parameters.with(policy, arguments), budget);
    }
  }

  /**
   * Decides in every decoder layer which tokens it processes, with weights from the model's package
   * or from a file.
   *
   * @param weights which of the package's weights it reads
   * @param reader creates the router from them
   */
  record Router(Trained weights, Function<TrainedWeights, LayerRouter> reader) implements Action {
    /** A router has no parameters but the file of its weights. */
    @Override
    public Object defaults() {
      return RouterFile.OF_PACKAGE;
    }

    @Override
    public Set<Evidence<?>> needs() {
      return Set.of(weights);
    }

    @Override
    public RouterStep step(Method method, Point point, Map<String, String> arguments) {
      StepArguments.checkNames(method, point, arguments);
      return new RouterStep(method, this, Parameters.with(RouterFile.OF_PACKAGE, arguments), null);
    }
  }

  /**
   * Lets later tokens of an answer skip decoder layers.
   *
   * @param schedule which layers process each token
   */
  record Exits(SkipDecode schedule) implements Action {
    @Override
    public Object defaults() {
      return schedule;
    }

    @Override
    public Set<Evidence<?>> needs() {
      return Set.of();
    }

    /** It has no weights of its own; the model is trained for it. */
    @Override
    public Method.Training training() {
      return Method.Training.TRAINED;
    }

    @Override
    public ExitStep step(Method method, Point point, Map<String, String> arguments) {
      StepArguments.checkNames(method, point, arguments);
      return new ExitStep(method, Parameters.with(schedule, arguments));
    }
  }

  /**
   * Drops tokens after layers that depend on the decoder's number of layers.
   *
   * @param schedule how many tokens each layer has
   */
  record Layers(LayerSchedule schedule) implements Action {
    @Override
    public Object defaults() {
      return schedule;
    }

    @Override
    public Set<Evidence<?>> needs() {
      return schedule.needs();
    }

    @Override
    public ScheduleStep step(Method method, Point point, Map<String, String> arguments) {
      StepArguments.checkNames(method, point, arguments);
      schedule.checkNamed(arguments.keySet());
      return new ScheduleStep(method, Parameters.with(schedule, arguments));
    }
  }
}
