package dev.squint.pruner.plan;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerAdditions;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;
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
 * Which method acts at which point with which budget, in order. Prints to one line and parses from
 * it, for example {@code encoder:cls-attention(keep=0.5) + layer2:random(keep=0.5, seed=7)}; the
 * language is described in the package.
 *
 * @param steps what happens to visual tokens, in the order in which a question passes their points
 * @param cache what happens to the KV cache then, in order
 * @param router which tokens each decoder layer processes; null for all
 * @param exits which layers later tokens of an answer skip; null for none
 */
public record PruningPlan(
    List<Step<?>> steps,
    List<CacheStep> cache,
    @Nullable RouterStep router,
    @Nullable ExitStep exits) {
  public PruningPlan {
    steps = List.copyOf(steps);
    cache = List.copyOf(cache);
    for (int i = 1; i < steps.size(); i++) {
      if (steps.get(i - 1).point().compareTo(steps.get(i).point()) > 0) {
        throw new IllegalArgumentException(
            "'%s' acts before '%s'; write it first".formatted(steps.get(i), steps.get(i - 1)));
      }
    }
    for (int i = 0; i < cache.size(); i++) {
      checkForm(cache, i);
    }
    if (router != null) {
      checkRouter(router, steps, cache);
    }
    if (router != null && exits != null) {
      throw new IllegalArgumentException(
          "'%s' decides which tokens each layer processes; leave out '%s'"
              .formatted(router, exits));
    }
  }

  private static void checkRouter(RouterStep router, List<Step<?>> steps, List<CacheStep> cache) {
    Stream.concat(
            steps.stream()
                .filter(
                    step ->
                        step.point().kind() == Point.Kind.DECODER
                            || step.pruner().additions().isPresent()),
            cache.stream())
        .findFirst()
        .ifPresent(
            step -> {
              throw new IllegalArgumentException(
                  "'%s' decides what each layer processes and its cache holds; leave out '%s'"
                      .formatted(router, step));
            });
  }

  /** A plan under which every token passes through all layers. */
  public PruningPlan(List<Step<?>> steps, List<CacheStep> cache) {
    this(steps, cache, null, null);
  }

  private static void checkForm(List<CacheStep> cache, int place) {
    CacheStep step = cache.get(place);
    if (!step.policy().stores()) {
      return;
    }
    if (place + 1 < cache.size()) {
      throw new IllegalArgumentException(
          "'%s' stores rows in another form, which '%s' cannot read; write it last"
              .formatted(step, cache.get(place + 1)));
    }
    for (CacheStep before : cache.subList(0, place)) {
      if (before.policy().every() > 0) {
        throw new IllegalArgumentException(
            "'%s' decides again while decoding and cannot read what '%s' stores in another form; leave out one"
                .formatted(before, step));
      }
    }
  }

  /** A plan that leaves the cache alone. */
  public PruningPlan(List<Step<?>> steps) {
    this(steps, List.of());
  }

  /** No reduction at all; printed as {@code none}. */
  public static PruningPlan none() {
    return new PruningPlan(List.of());
  }

  /**
   * Reads a plan of catalogue methods.
   *
   * @throws IllegalArgumentException saying what is wrong, what is allowed and what to write
   *     instead
   */
  public static PruningPlan parse(String text) {
    return MethodCatalogue.all().plan(text);
  }

  /** The points where something happens, in order. */
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

  /** What the methods at one point read beside the tokens. */
  public Set<Evidence<?>> needs(Point point) {
    Set<Evidence<?>> needs = new LinkedHashSet<>();
    at(point).forEach(step -> needs.addAll(step.pruner().needs()));
    if (point.equals(Point.CACHE)) {
      cache.forEach(step -> needs.addAll(step.policy().needs()));
    }
    return needs;
  }

  /**
   * The reduction of the tokens at one point: its steps one after the other, as one decision.
   *
   * @throws IllegalArgumentException when the tokens are not those of this point
   * @throws IllegalStateException when evidence that a method declares is missing
   */
  public TokenReduction reduce(Point point, TokenSet tokens) {
    return decide(point, tokens).reduction();
  }

  /**
   * The reduction of the tokens at one point and its scores: for each token the score of the last
   * step there that scored it.
   *
   * @throws IllegalArgumentException when the tokens are not those of this point
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
   * What share of its visual tokens a picture keeps by being shrunk before it is cut into tiles, in
   * (0, 1]; 1 unless the plan shrinks pictures.
   */
  public double pictureShare() {
    double share = 1;
    for (Step<?> step : at(Point.TILES)) {
      share *= step.pruner().pictureShare(step.budget());
    }
    return share;
  }

  /**
   * Whether visual tokens stand in the prompt where they stood before any was dropped after the
   * encoder, rather than counted without gaps.
   */
  public boolean keepsPlaces() {
    return at(Point.ENCODER).stream().anyMatch(step -> step.pruner().keepsPlaces());
  }

  /** What is added to hidden states between decoder layers, where the plan wants that. */
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
                Stream.ofNullable(router).map(RouterStep::toString),
                Stream.ofNullable(exits).map(ExitStep::toString),
                cache.stream().map(CacheStep::toString))
            .flatMap(part -> part)
            .collect(Collectors.joining(" + "));
    return text.isEmpty() ? "none" : text;
  }
}
