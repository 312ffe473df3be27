package dev.squint.pruner.plan;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerAdditions;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;
import dev.squint.pruner.evidence.CoarseCrops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A plan: which method acts at which point with which budget, in order. It prints as one line and
 * is parsed from it, for example {@code encoder:cls-attention(keep=0.5) + layer2:random(keep=0.5,
 * seed=7)}; the language is described in the package.
 *
 * @param steps reductions of visual tokens, in the order of the pipeline
 * @param cache policies for the KV cache, in order
 * @param router router of the decoder layers; null if every layer processes all tokens
 * @param exits schedule of layers that later tokens of an answer skip; null for none
 * @param schedule stands for steps between layers that depend on their number; null for none
 */
public record PruningPlan(
    List<Step<?>> steps,
    List<CacheStep> cache,
    @Nullable RouterStep router,
    @Nullable ExitStep exits,
    @Nullable ScheduleStep schedule) {
  public PruningPlan {
    steps = List.copyOf(steps);
    cache = List.copyOf(cache);
    for (int i = 1; i < steps.size(); i++) {
      if (steps.get(i - 1).point().compareTo(steps.get(i).point()) > 0) {
        throw new IllegalArgumentException(
            "'%s' acts before '%s'; write it first".formatted(steps.get(i), steps.get(i - 1)));
      }
    }
    InsideSteps.check(steps);
    for (int i = 0; i < cache.size(); i++) {
      checkForm(cache, i);
    }
    if (router != null) {
      RouterCompany.check(router, steps, cache);
    }
    if (schedule != null) {
      checkSchedule(schedule, steps, router);
    }
    if (router != null && exits != null) {
      throw new IllegalArgumentException(
          "'%s' decides which tokens each layer processes; remove '%s'".formatted(router, exits));
    }
  }

  private static void checkSchedule(
      ScheduleStep schedule, List<Step<?>> steps, @Nullable RouterStep router) {
    Stream.concat(
            steps.stream().filter(step -> step.point().kind() == Point.Kind.DECODER),
            Stream.ofNullable(router))
        .findFirst()
        .ifPresent(
            step -> {
              throw new IllegalArgumentException(
                  "'%s' decides how many tokens each layer has; remove '%s'"
                      .formatted(schedule, step));
            });
  }

  /** Creates a plan in which all layers process every token. */
  public PruningPlan(List<Step<?>> steps, List<CacheStep> cache) {
    this(steps, cache, null, null, null);
  }

  /** The same plan with other steps. */
  public PruningPlan withSteps(List<Step<?>> other) {
    return new PruningPlan(other, cache, router, exits, schedule);
  }

  /** The same plan with another router. */
  public PruningPlan withRouter(@Nullable RouterStep other) {
    return new PruningPlan(steps, cache, other, exits, schedule);
  }

  /** The same plan with another schedule. */
  public PruningPlan withSchedule(@Nullable ScheduleStep other) {
    return new PruningPlan(steps, cache, router, exits, other);
  }

  /**
   * The plan with a step at each point where its schedule may drop tokens; itself without one.
   *
   * @param layers layers of the decoder, L
   * @throws IllegalArgumentException if the decoder has too few layers for the schedule
   */
  public PruningPlan spread(int layers) {
    return schedule == null ? this : written(schedule.schedule().places(layers));
  }

  /**
   * The plan with the steps that its schedule has for a prompt; itself without one.
   *
   * @param layers layers of the decoder, L
   * @param tokens visual tokens that the decoder is given
   * @throws IllegalArgumentException if the decoder has too few layers for the schedule
   */
  public PruningPlan counted(int layers, int tokens) {
    return schedule == null ? this : written(schedule.schedule().plan(layers, tokens));
  }

  /** The plan with the steps of another in place of its schedule. */
  public PruningPlan written(String between) {
    return withSchedule(null)
        .withSteps(Stream.concat(steps.stream(), parse(between).steps().stream()).toList());
  }

  /**
   * The points inside an encoder where the plan decides, in order.
   *
   * @param layers layers of the encoder
   */
  public List<Point> insideEncoder(int layers) {
    return InsideSteps.points(steps, layers);
  }

  /**
   * The plan with a step for each decision inside an encoder.
   *
   * @param layers layers of the encoder
   * @param tokens tokens that the encoder's first layer is given
   */
  public PruningPlan countedInside(int layers, int tokens) {
    return withSteps(InsideSteps.counted(steps, layers, tokens));
  }

  private static void checkForm(List<CacheStep> cache, int place) {
    CacheStep step = cache.get(place);
    if (!step.policy().stores()) {
      return;
    }
    if (place + 1 < cache.size()) {
      throw new IllegalArgumentException(
          "'%s' stores rows in another format, which '%s' cannot read; write it last"
              .formatted(step, cache.get(place + 1)));
    }
    for (CacheStep before : cache.subList(0, place)) {
      if (before.policy().every() > 0) {
        throw new IllegalArgumentException(
            "'%s' decides again while decoding and cannot read the storage format of '%s'; remove one of them"
                .formatted(before, step));
      }
    }
  }

  /** Creates a plan without cache steps. */
  public PruningPlan(List<Step<?>> steps) {
    this(steps, List.of());
  }

  /** The plan without any reduction; printed as {@code none}. */
  public static PruningPlan none() {
    return new PruningPlan(List.of());
  }

  /**
   * Parses a plan of catalogue methods.
   *
   * @throws IllegalArgumentException saying what is wrong, what is allowed and what to write
   *     instead
   */
  public static PruningPlan parse(String text) {
    return MethodCatalogue.all().plan(text);
  }

  /** The points where the plan reduces tokens, in order. */
  public List<Point> points() {
    return Stream.concat(steps.stream().map(Step::point), cache.stream().map(step -> Point.CACHE))
        .distinct()
        .toList();
  }

  /** The steps at one point, in order. */
  public List<Step<?>> at(Point point) {
    List<Step<?>> here = new ArrayList<>(steps);
    here.removeIf(step -> !step.point().equals(point));
    return List.copyOf(here);
  }

  /** The evidence that the methods at one point read. */
  public Set<Evidence<?>> needs(Point point) {
    Set<Evidence<?>> needs = new LinkedHashSet<>();
    at(point).forEach(step -> needs.addAll(step.pruner().needs()));
    if (point.equals(Point.CACHE)) {
      cache.forEach(step -> needs.addAll(step.policy().needs()));
    }
    return needs;
  }

  /**
   * The reduction of the tokens at one point: its steps in sequence, as one reduction.
   *
   * @throws IllegalArgumentException when the tokens belong to another point
   * @throws IllegalStateException when evidence that a method declares is missing
   */
  public TokenReduction reduce(Point point, TokenSet tokens) {
    return decide(point, tokens).reduction();
  }

  /**
   * The reduction of the tokens at one point with its scores; the score of a token is that of the
   * last step that scored it.
   *
   * @throws IllegalArgumentException when the tokens belong to another point
   * @throws IllegalStateException when evidence that a method declares is missing
   */
  public Decision decide(Point point, TokenSet tokens) {
    TokenReduction all = TokenReduction.keepAll(tokens.size());
    float[] scores = new float[tokens.size()];
    Arrays.fill(scores, Float.NaN);
    boolean scored = false;
    double operations = 0;
    for (Step<?> step : at(point)) {
      Decision decision = step.decide(tokens.reduced(all));
      operations += decision.operations();
      if (decision.scores().isPresent()) {
        scored = true;
        int[] kept = all.kept();
        for (int i = 0; i < kept.length; i++) {
          scores[kept[i]] = decision.scores().get()[i];
        }
      }
      all = all.then(decision.reduction());
    }
    return new Decision(all, scored ? Optional.of(scores) : Optional.empty(), operations);
  }

  /**
   * Share of its visual tokens that a picture keeps because it is shrunk before it is cut into
   * tiles, in (0, 1]; 1 unless the plan shrinks pictures.
   */
  public double pictureShare() {
    double share = 1;
    for (Step<?> step : at(Point.TILES)) {
      share *= step.pruner().pictureShare(step.budget());
    }
    return share;
  }

  /**
   * How many times as high and wide as the package resizes it a picture is cut into tiles; 1 unless
   * the plan enlarges pictures.
   */
  public int zoom() {
    return at(Point.TILES).stream().mapToInt(step -> step.pruner().zoom()).max().orElse(1);
  }

  /** Whether the plan acts between the encoder's layers. */
  public boolean actsInsideEncoder() {
    return points().stream().anyMatch(point -> point.kind() == Point.Kind.INSIDE_ENCODER);
  }

  /** Whether the plan chooses crops by those of a coarser level. */
  public boolean readsCoarseCrops() {
    return needs(Point.TILES).stream().anyMatch(CoarseCrops.class::isInstance);
  }

  /**
   * Whether visual tokens keep the prompt positions from before any reduction after the encoder,
   * instead of positions without gaps.
   */
  public boolean keepsPlaces() {
    return at(Point.ENCODER).stream().anyMatch(step -> step.pruner().keepsPlaces());
  }

  /** Features to add to hidden states between decoder layers, if the plan has a step for that. */
  public Optional<LayerAdditions> deepStack() {
    return at(Point.ENCODER).stream()
        .flatMap(step -> step.pruner().additions().stream())
        .findFirst();
  }

  @Override
  public String toString() {
    String text =
        Stream.of(
                steps.stream().map(Step::toString),
                Stream.ofNullable(schedule).map(ScheduleStep::toString),
                Stream.ofNullable(router).map(RouterStep::toString),
                Stream.ofNullable(exits).map(ExitStep::toString),
                cache.stream().map(CacheStep::toString))
            .flatMap(part -> part)
            .collect(Collectors.joining(" + "));
    return text.isEmpty() ? "none" : text;
  }
}
