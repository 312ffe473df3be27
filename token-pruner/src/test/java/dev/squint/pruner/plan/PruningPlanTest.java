package dev.squint.pruner.plan;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.LayeredPruner;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.RestoringPruner;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.TokenSet;
import dev.squint.pruner.evidence.AccumulatedAttention;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.method.baseline.KeepAll;
import dev.squint.pruner.method.baseline.RandomChoice;
import dev.squint.pruner.method.depth.SkipDecode;
import dev.squint.pruner.method.encoder.ClsAttentionPruner;
import dev.squint.testing.RandomTries;
import dev.squint.testing.Tolerance;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PruningPlanTest {
  // Up to four reductions that merge: their weights are multiplied first, or their results are
  // summed one after the other. Measured over random plans: 2e-7 of the scale, which random
  // weights with other signs raise.
  private static final Tolerance FEATURES = new Tolerance(1e-4, 1e-5);

  @Test
  void readsStepsPointsBudgetsAndParameters() {
    PruningPlan plan =
        PruningPlan.parse(
            "encoder:cls-attention(keep=0.5, layer=-2) + layer2:random( tokens=16,seed=7 )");

    assertThat(plan.points()).containsExactly(Point.ENCODER, Point.decoder(2));
    assertThat(plan.steps().get(0).pruner()).isEqualTo(new ClsAttentionPruner(-2));
    assertThat(plan.steps().get(0).budget()).isEqualTo(Budget.ratio(0.5));
    assertThat(plan.steps().get(1).pruner()).isEqualTo(new RandomChoice(7));
    assertThat(plan.steps().get(1).budget()).isEqualTo(Budget.count(16));
    assertThat(plan)
        .hasToString(
            "encoder:cls-attention(keep=0.5, layer=-2) + layer2:random(tokens=16, seed=7)");
    assertThat(plan.needs(Point.ENCODER)).containsExactly(new ClsAttention(-2));
  }

  @Test
  void layersThatTokensPassBy_areOneStepOfAPlan() {
    String text =
        "layer2:fastv(keep=0.5) + decoder:skipdecode(fewest=0.25, answer=9) + cache:h2o(keep=0.5)";

    PruningPlan plan = PruningPlan.parse(text);

    assertThat(plan).hasToString(text);
    assertThat(plan.exits())
        .extracting(ExitStep::schedule)
        .isEqualTo(new SkipDecode(1, 1, 0.25, 9));
    assertThat(PruningPlan.parse("decoder:skipdecode")).hasToString("decoder:skipdecode");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("decoder:skipdecode + decoder:p-mod"))
        .withMessageContaining("remove 'decoder:skipdecode'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("decoder:skipdecode(keep=0.5)"))
        .withMessageContaining("has no parameter 'keep' and no budget; it has [bottom, most,");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("decoder:skipdecode + decoder:skipdecode(answer=2)"))
        .withMessageContaining("one schedule of layers to skip");
  }

  @Test
  void scores_areThoseOfTheLastMethodThatScored() {
    PatchTokens tokens = RandomTokens.of(3, RandomTokens.single(6, 8)).patchTokens(Set.of());
    PruningPlan plan =
        PruningPlan.parse(
            "encoder:random(keep=0.5, seed=1) + encoder:uniform-grid(keep=0.99) + encoder:random(keep=0.25, seed=2)");
    float[] scores = plan.decide(Point.ENCODER, tokens).scores().orElseThrow();
    float[] first = new RandomChoice(1).score(tokens);
    TokenReduction left =
        PruningPlan.parse("encoder:random(keep=0.5, seed=1)").reduce(Point.ENCODER, tokens);
    float[] second = new RandomChoice(2).score(tokens.reduced(left));

    for (int i = 0; i < scores.length; i++) {
      int at = left.target()[i];
      assertThat(scores[i]).isEqualTo(at < 0 ? first[i] : second[at]);
    }
    assertThat(
            PruningPlan.parse("encoder:divprune(keep=0.5)").decide(Point.ENCODER, tokens).scores())
        .isEmpty();
    assertThat(PruningPlan.none().decide(Point.ENCODER, tokens).scores()).isEmpty();
  }

  @Test
  void readsTheFivePoints() {
    MethodCatalogue pruners =
        MethodCatalogue.all()
            .with(own("pairs", Point.Kind.INSIDE_ENCODER))
            .with(own("commanded", Point.Kind.ENCODER))
            .with(own("pyramid", Point.Kind.DECODER));
    String line =
        "tiles:thumbnail(keep=0.3) + encoder3:pairs(keep=0.5) + encoder:commanded(keep=0.25) + layer2:pyramid(keep=0.5)"
            + " + layer16:pyramid(keep=0.5) + cache:lookm(keep=0.2, merging=averaged) + cache:quantised(bits=4)";

    assertThat(pruners.plan(line)).hasToString(line);
  }

  @Test
  void cacheStepsComeLast_andKnowTheirPolicies() {
    PruningPlan plan = PruningPlan.parse("cache:h2o(keep=0.25, recent=0.75)");

    assertThat(plan.steps()).isEmpty();
    assertThat(plan.points()).containsExactly(Point.CACHE);
    assertThat(plan.needs(Point.CACHE)).containsExactly(new AccumulatedAttention());
    assertThat(plan.cache().get(0).budget()).isEqualTo(Budget.ratio(0.25));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("cache:h2o(keep=0.25) + layer2:fastv(keep=0.5)"))
        .withMessage("'layer2:fastv(keep=0.5)' acts before 'cache:h2o(keep=0.25)'; write it first");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("cache:fastv(keep=0.25)"))
        .withMessageStartingWith(
            "'fastv' acts at [layerK], not at 'cache'; available there are [h2o, snapkv,");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("cache:h2o"))
        .withMessageStartingWith("'h2o' needs a budget");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("cache:gear + cache:snapkv(keep=0.5)"))
        .withMessageContaining("write it last");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("cache:h2o(keep=0.5) + cache:gear"))
        .withMessageContaining("decides again while decoding");
  }

  @Test
  void aPlanMayShrinkPictures() {
    assertThat(PruningPlan.parse("tiles:downsample(keep=0.25)").pictureShare()).isEqualTo(0.25);
    assertThat(
            PruningPlan.parse("tiles:downsample(keep=0.5) + tiles:downsample(keep=0.5)")
                .pictureShare())
        .isEqualTo(0.25);
    assertThat(PruningPlan.parse("tiles:thumbnail(crops=0)").pictureShare()).isEqualTo(1);
  }

  @Test
  void aPlanMayLeaveTokensInTheirPlaces() {
    assertThat(PruningPlan.parse("encoder:random(keep=0.5) + encoder:in-place").keepsPlaces())
        .isTrue();
    assertThat(PruningPlan.parse("encoder:random(keep=0.5)").keepsPlaces()).isFalse();
  }

  @Test
  void aPlanMayEnlargePictures_andReadACoarserLevel() {
    PruningPlan plan = PruningPlan.parse("tiles:lrs-tiles(keep=0.5, levels=2, zoom=2)");

    assertThat(plan.zoom()).isEqualTo(2);
    assertThat(plan.readsCoarseCrops()).isTrue();
    assertThat(PruningPlan.parse("tiles:lrs-tiles(keep=0.5)").readsCoarseCrops()).isFalse();
    assertThat(PruningPlan.parse("tiles:text(keep=0.5)").zoom()).isEqualTo(1);
  }

  @Test
  void aPlanMayActBetweenTheEncodersLayers_orAddToThoseOfTheDecoder() {
    assertThat(PruningPlan.parse("encoder2:tome(keep=0.5)").actsInsideEncoder()).isTrue();
    assertThat(PruningPlan.parse("encoder:tome(keep=0.5)").actsInsideEncoder()).isFalse();
    assertThat(PruningPlan.parse("encoder:deepstack").deepStack()).isPresent();
    assertThat(PruningPlan.parse("encoder:tome(keep=0.5)").deepStack()).isEmpty();
  }

  @Test
  void aPlansRouterIsReplaced_andNothingElse() {
    PruningPlan routed = PruningPlan.parse("encoder:tome(keep=0.5) + decoder:p-mod");
    PruningPlan plain = PruningPlan.parse("encoder:tome(keep=0.5)");

    assertThat(plain.withRouter(routed.router())).isEqualTo(routed);
    assertThat(routed.withRouter(null)).isEqualTo(plain);
  }

  @Test
  void thePlanNoneKeepsEverything() {
    PatchTokens tokens = RandomTokens.of(1, RandomTokens.single(4, 4)).patchTokens(Set.of());

    assertThat(PruningPlan.parse(" none ")).isEqualTo(PruningPlan.none());
    assertThat(PruningPlan.none()).hasToString("none");
    assertThat(PruningPlan.none().reduce(Point.ENCODER, tokens).isIdentity()).isTrue();
  }

  @Test
  void stepsAtOnePointActOneAfterTheOther() {
    PatchTokens tokens = RandomTokens.of(1, RandomTokens.single(8, 8)).patchTokens(Set.of());
    PruningPlan both =
        PruningPlan.parse("encoder:average-pool(keep=0.5) + encoder:random(keep=0.25)");
    PruningPlan pool = PruningPlan.parse("encoder:average-pool(keep=0.5)");
    PruningPlan random = PruningPlan.parse("encoder:random(keep=0.25)");

    PatchTokens pooled = tokens.reduced(pool.reduce(Point.ENCODER, tokens));
    PatchTokens twice = pooled.reduced(random.reduce(Point.ENCODER, pooled));
    PatchTokens atOnce = tokens.reduced(both.reduce(Point.ENCODER, tokens));

    assertThat(atOnce.positions()).isEqualTo(twice.positions());
    assertThat(atOnce.patches()).containsExactly(twice.patches());
    assertThat(atOnce.features()).isEqualTo(twice.features());
    assertThat(atOnce.size()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
      encoder:fastvv(keep=0.5) | no method is called 'fastvv'; available are [none, random, uniform-grid, average-pool, even, key-frames, motion, skip-static, downsample, thumbnail, text
      middle:random(keep=0.5) | no point is called 'middle'; there are frames, tiles, patches, encoder1, encoder2, ..., encoder, layer1, layer2, ..., decoder, cache
      layer:random(keep=0.5) | no point is called 'layer'; there are
      layer0:random(keep=0.5) | the point 'layerK' needs a number of layers of at least 1 but got 0
      cache3:random(keep=0.5) | no point is called 'cache3'
      layer3:cls-attention(keep=0.5) | 'cls-attention' acts at [encoder], not at 'layer3'
      tiles:uniform-grid(keep=0.5) | 'uniform-grid' acts at [patches, encoder, layerK], not at 'tiles'
      encoder:thumbnail(keep=0.5) | 'thumbnail' acts at [tiles], not at 'encoder'
      tiles:thumbnail(tokens=3) | 'thumbnail' has no parameter 'tokens'; it has [layer], and the budgets keep and crops
      tiles:thumbnail(keep=0.5, crops=3) | 'thumbnail' has both keep and crops; write only one
      tiles:thumbnail | 'thumbnail' needs a budget: keep=RATIO such as keep=0.25, or crops=NUMBER
      tiles:downsample(crops=3) | 'downsample' needs keep=RATIO such as keep=0.25
      tiles:globalcom2(keep=0.5) | 'globalcom2' acts at [patches, encoder], not at 'tiles'
      patches:globalcom2 | 'globalcom2' needs a budget: keep=RATIO such as keep=0.25, or tokens=NUMBER
      patches:globalcom2(keep=0.5, variant=code) | 'globalcom2' has no parameter 'variant'; it has [temperature], and the budgets keep and tokens
      patches:random(tokens=0) | tokens=0 keeps nothing; at 'patches' keep at least 1
      patches:pixelprune(threshold=1) | threshold must be in [0, 1) but was 1.0
      encoder:random(keep=0.5) + patches:random(keep=0.5) | 'patches:random(keep=0.5)' acts before 'encoder:random(keep=0.5)'; write it first
      tiles:downsample | 'downsample' needs keep=RATIO such as keep=0.25
      tiles:skip-plain(tolerance=1) | tolerance must be in [0, 1) but was 1.0
      encoder:random(keep=0) | keep must be in (0, 1] but was 0.0
      encoder:random(keep=1.5) | keep must be in (0, 1] but was 1.5
      encoder:random(keep=NaN) | keep must be in (0, 1] but was NaN
      encoder:random(keep=half) | keep must be a number in (0, 1], or bounds such as 0.1..0.5, but was 'half'
      encoder:random(tokens=many) | tokens must be a whole number but was 'many'
      encoder:random(tokens=-3) | tokens must be at least 0 but was -3
      encoder:random(tokens=0) | tokens=0 keeps nothing; at 'encoder' keep at least 1
      encoder:random(keep=0.5, tokens=3) | 'random' has both keep and tokens; write only one
      encoder:random | 'random' needs a budget: keep=RATIO such as keep=0.25, or tokens=NUMBER
      encoder:random(keep=0.1..0.5) | 'random' needs a budget: keep=RATIO such as keep=0.25, or tokens=NUMBER
      encoder:none(keep=0.5) | 'none' chooses how much it keeps; remove the budget or write bounds such as keep=0.1..0.5
      encoder:random(keep=0.5, sed=1) | 'random' has no parameter 'sed'; it has [seed], and the budgets keep and tokens
      encoder:uniform-grid(keep=0.5, seed=1) | 'uniform-grid' has no parameter 'seed'; it has [], and the budgets keep and tokens
      encoder:random(keep=0.5, seed=x) | seed must be a whole number but was 'x'
      encoder:text-guided(keep=0.5, temperature=-1) | temperature must be above 0 but was -1.0
      encoder:random(keep=0.5, keep=0.4) | 'keep' is written twice; remove one
      encoder:random(0.5) | '0.5' is not an argument; write NAME=VALUE, such as keep=0.5
      random(keep=0.5) | 'random(keep=0.5)' is not a step of a plan; write POINT:METHOD(keep=RATIO)
      encoder:random(keep=0.5) + | '' is not a step of a plan
      encoder:random(keep=0.5 | 'encoder:random(keep=0.5' is not a step of a plan
      layer2:random(keep=0.5) + encoder:random(keep=0.5) | 'encoder:random(keep=0.5)' acts before 'layer2:random(keep=0.5)'; write it first
      """)
  void saysWhatIsWrongAndWhatIsAllowed(String plan, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse(plan))
        .withMessageStartingWith(message);
  }

  @Test
  void aMethodDoesNotSeeEvidenceThatItDoesNotDeclare() {
    record Peeking() implements TokenScorer<PatchTokens> {
      @Override
      public float[] score(PatchTokens tokens) {
        return tokens.evidence(new ClsAttention(-1)).meanOverHeads();
      }

      @Override
      public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
        return 0;
      }
    }
    PruningPlan plan =
        MethodCatalogue.all()
            .with(Method.own("peeking", PatchTokens.class, new Peeking(), Point.Kind.ENCODER))
            .plan("encoder:peeking(keep=0.5)");
    PatchTokens tokens =
        RandomTokens.of(1, RandomTokens.single(4, 4)).patchTokens(Set.of(new ClsAttention(-1)));

    assertThatIllegalStateException()
        .isThrownBy(() -> plan.reduce(Point.ENCODER, tokens))
        .withMessage(
            "ClsAttention[layer=-1] was not observed, or needs() does not declare it; available are []");
  }

  @Test
  void aMethodRefusesTokensOfAnotherPoint() {
    Step<?> step = PruningPlan.parse("encoder:cls-attention(keep=0.5)").steps().get(0);
    LayerTokens tokens = RandomTokens.of(1, RandomTokens.single(4, 4)).layerTokens(Set.of());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> step.reduce(tokens))
        .withMessage("'cls-attention' acts on PatchTokens, not on LayerTokens");
  }

  @Test
  void refusesAMethodThatPlansCannotWrite() {
    record Named(List<String> keep) implements Pruner<TokenSet> {
      @Override
      public TokenReduction reduce(TokenSet tokens, Budget budget) {
        return TokenReduction.keepAll(tokens.size());
      }

      @Override
      public double operations(TokenSet tokens, Budget budget, TokenReduction decision) {
        return 0;
      }
    }

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Method.own("named", TokenSet.class, new Named(List.of()), Point.Kind.ENCODER))
        .withMessage(
            "parameter 'keep' of 'named' must be a number, a boolean, a text or an enum but is a List");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                MethodCatalogue.all()
                    .with(Method.own("none", TokenSet.class, new KeepAll(), Point.Kind.ENCODER)))
        .withMessage("two methods are called 'none'; rename one");
  }

  @Test
  void whatIsPrintedReadsBackAsTheSamePlan() {
    RandomTries.of(500, draws -> assertReadsBack(draws.anyLong()));
  }

  private static void assertReadsBack(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Step<?>> steps = new ArrayList<>();
    List<Method> methods = TokenMethods.all();
    for (int i = random.nextInt(5); i > 0; i--) {
      steps.add(step(random, methods.get(random.nextInt(methods.size()))));
    }
    steps.sort((a, b) -> a.point().compareTo(b.point()));
    // Some methods must be alone inside the encoder.
    List<Step<?>> inside =
        steps.stream().filter(s -> s.point().kind() == Point.Kind.INSIDE_ENCODER).toList();
    if (inside.stream()
        .anyMatch(
            s -> s.pruner() instanceof LayeredPruner || s.pruner() instanceof RestoringPruner)) {
      steps.removeAll(inside.subList(1, inside.size()));
    }
    PruningPlan plan = new PruningPlan(steps);

    assertThat(PruningPlan.parse(plan.toString())).isEqualTo(plan);
  }

  @Test
  void aChainOfMethodsIsItsStepsOneAfterTheOther() {
    RandomTries.of(200, draws -> assertStepsOneAfterTheOther(draws.anyLong()));
  }

  private static void assertStepsOneAfterTheOther(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Method> methods = new ArrayList<>(MethodCatalogue.all().methods());
    methods.removeIf(method -> !method.points().contains(Point.Kind.ENCODER));
    List<Step<?>> steps = new ArrayList<>();
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      Method method = methods.get(random.nextInt(methods.size()));
      Budget budget =
          method.budgeting().decidesItself()
              ? Budget.adaptive()
              : Budget.ratio(random.nextDouble(0.2, 1));
      steps.add(atEncoder(method, budget));
    }
    PruningPlan plan = new PruningPlan(steps);
    List<List<Tile>> layouts = RandomTokens.layouts();
    PatchTokens tokens =
        RandomTokens.of(seed, layouts.get(random.nextInt(layouts.size())))
            .patchTokens(plan.needs(Point.ENCODER));

    PatchTokens stepwise = tokens;
    for (Step<?> step : steps) {
      stepwise = stepwise.reduced(step.reduce(stepwise));
    }
    PatchTokens atOnce = tokens.reduced(plan.reduce(Point.ENCODER, tokens));

    assertThat(atOnce.positions()).isEqualTo(stepwise.positions());
    assertThat(atOnce.patches()).containsExactly(stepwise.patches());
    assertClose(
        atOnce.features().data(), stepwise.features().data(), FEATURES, "features of %s", plan);
  }

  private static Step<?> atEncoder(Method method, Budget budget) {
    return new Step<>(Point.ENCODER, method, TokenMethods.action(method), budget);
  }

  private static Step<?> step(SplittableRandom random, Method method) {
    return step(random, method, TokenMethods.action(method));
  }

  private static <S extends TokenSet> Step<S> step(
      SplittableRandom random, Method method, Action.Tokens<S> action) {
    List<Point.Kind> kinds = method.points().stream().sorted().toList();
    Point.Kind kind = kinds.get(random.nextInt(kinds.size()));
    boolean between = kind == Point.Kind.INSIDE_ENCODER || kind == Point.Kind.DECODER;
    Point point = new Point(kind, between ? random.nextInt(1, 40) : 0);
    double a = random.nextDouble();
    double b = random.nextDouble();
    List<Budget> budgets =
        new ArrayList<>(
            List.of(
                Budget.ratio(1 - a),
                Budget.count(random.nextInt(1, 3000)),
                Budget.adaptive(),
                new Budget.Adaptive(Math.min(a, b), Math.max(a, b))));
    budgets.removeIf(budget -> !method.budgeting().allows(budget));
    return new Step<>(
        point,
        method,
        new Action.Tokens<>(
            action.actsOn(), Parameters.with(action.pruner(), parameters(random, method))),
        budgets.get(random.nextInt(budgets.size())));
  }

  private static Map<String, String> parameters(SplittableRandom random, Method method) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (method.action().defaults() instanceof Record) {
      for (RecordComponent component :
          method.action().defaults().getClass().getRecordComponents()) {
        Class<?> type = component.getType();
        if (random.nextBoolean()) {
          parameters.put(
              component.getName(),
              type == int.class
                  // Odd, since kernels must be; a picture has at most two levels.
                  ? String.valueOf(
                      Set.of("levels", "zoom").contains(component.getName())
                          ? random.nextInt(1, 3)
                          : random.nextBoolean() ? 3 : 5)
                  : type == long.class
                      ? String.valueOf(random.nextLong())
                      : type == boolean.class
                          ? String.valueOf(random.nextBoolean())
                          : type.isEnum()
                              ? constant(random, type)
                              : String.valueOf((float) (1 - random.nextDouble())));
        }
      }
    }
    return parameters;
  }

  private static String constant(SplittableRandom random, Class<?> type) {
    List<Enum<?>> constants = Parameters.constants(type);
    return constants
        .get(random.nextInt(constants.size()))
        .toString()
        .toLowerCase(Locale.ROOT)
        .replace('_', '-');
  }

  private static Method own(String name, Point.Kind kind) {
    return Method.own(name, TokenSet.class, new RandomChoice(0), kind);
  }
}
