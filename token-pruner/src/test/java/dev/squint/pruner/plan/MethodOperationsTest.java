package dev.squint.pruner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Point;
import dev.squint.pruner.Probes;
import dev.squint.pruner.Queries;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;
import dev.squint.pruner.evidence.AccumulatedAttention;
import dev.squint.pruner.evidence.LastLayerTokens;
import dev.squint.pruner.evidence.ProbeAttention;
import dev.squint.pruner.evidence.RecentQueries;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What every method of the catalogue adds and multiplies, worked out by hand: N = 16 tokens of D =
 * 8 in one tile (80 in a global view and four crops, 36 in four frames), H = 3 heads, T = 3 words
 * that attend, S = 22 tokens of the prompt, 5 words of 8 in the question, keys of two heads of 3,
 * hidden states of 6.
 */
class MethodOperationsTest {
  private static final String TABLE =
      """
      encoder:none                          | tile  | 0
      encoder:random(keep=0.25)             | tile  | 16
      encoder:uniform-grid(keep=0.25)       | tile  | 160
      encoder:average-pool(keep=0.25)       | tile  | 160
      frames:even(keep=0.5)                 | clip  | 0
      frames:key-frames(keep=0.5)           | clip  | 99
      frames:motion(keep=0.5)               | clip  | 16
      frames:skip-static                    | clip  | 99
      tiles:downsample(keep=0.5)            | crops | 0
      tiles:thumbnail(keep=0.5)             | crops | 640
      tiles:text(keep=0.5)                  | crops | 2832
      tiles:lrs-tiles(keep=0.5)             | crops | 736
      tiles:lrs-tiles(keep=0.5, levels=2)   | crops | 2944
      tiles:skip-plain                      | crops | 19
      encoder:cls-attention(keep=0.25)      | tile  | 64
      encoder:text-guided(keep=0.25)        | tile  | 2176
      encoder:in-place                      | tile  | 0
      encoder:deepstack                     | crops | 512
      encoder:globalcom2(keep=0.25)         | crops | 1956
      encoder:hired(keep=0.25)              | crops | 312
      patches:globalcom2(keep=0.25)         | crops | 804
      patches:hired(keep=0.25)              | crops | 688
      patches:text(keep=0.25)               | crops | 2752
      patches:cdpruner(keep=0.2)            | crops | 5120
      patches:atp-style                     | crops | 2976
      patches:glance(keep=0.5)              | tile  | 672
      patches:pixelprune                    | tile  | 1152
      patches:plain                         | tile  | 50
      patches:duplicates                    | tile  | 765
      patches:static                        | clip  | 1728
      encoder:visionzip(keep=0.25)          | tile  | 440
      encoder:divprune(keep=0.25)           | tile  | 2336
      encoder:vispruner(keep=0.25)          | tile  | 1436
      encoder:cdpruner(keep=0.25)           | tile  | 4192
      encoder:scope(keep=0.25)              | tile  | 3722
      encoder:holov(keep=0.25)              | tile  | 160
      encoder:holov(keep=0.25, strips=4)    | tile  | 1216
      encoder:hiprune(keep=0.25)            | tile  | 128
      encoder:vscan(keep=0.25)              | tile  | 1312
      encoder:visiontrim(keep=0.25)         | tile  | 6664
      encoder:visiontrim(keep=0.25, variant=code) | tile | 2908
      encoder:agilepruner(keep=0.25)        | tile  | 9582
      encoder:prumerge(keep=0.25)           | tile  | 960
      encoder:mustdrop-vision               | tile  | 648
      encoder:aim-merge(keep=0.25)          | tile  | 2160
      encoder:tome(keep=0.25)               | tile  | 2160
      encoder:flowcut(keep=0.25)            | tile  | 0
      encoder2:ipcv(keep=0.25)              | tile  | 400
      encoder:tokencorr(keep=0.25)          | tile  | 1104
      encoder:evs(keep=0.25)                | clip  | 1395
      encoder:static-patches                | clip  | 0
      encoder:merge-frames(keep=0.25)       | clip  | 1395
      encoder:vidcom2(keep=0.25)            | clip  | 3992
      encoder:dycoke                        | clip  | 1395
      encoder:fastvid(keep=0.25)            | clip  | 1501
      encoder:prunevid                      | clip  | 1874
      encoder:holitom(keep=0.25)            | clip  | 1539
      encoder:holitom(keep=0.125)           | clip  | 2862
      encoder:quota(keep=0.25)              | clip  | 88
      layer1:lrs(keep=0.25)                 | tile  | 160
      layer1:fastv(keep=0.25)               | tile  | 64
      layer1:feather(keep=0.25)             | tile  | 256
      layer1:dart(keep=0.25)                | tile  | 2820
      layer1:ivc-prune(keep=0.25)           | tile  | 2304
      layer1:pact                           | tile  | 1548
      layer1:pyramiddrop(keep=0.25)         | tile  | 64
      layer1:sparsevlm(keep=0.25)           | tile  | 259
      layer1:sparsevlm                      | tile  | 799
      layer1:sparsevlm(keep=0.5, recycle=true) | tile | 352
      layer1:adaptinfer(keep=0.25)          | tile  | 387
      layer1:aim(keep=0.25)                 | tile  | 22000
      layer1:mustdrop                       | tile  | 320
      layer1:atp-style                      | tile  | 432
      layer1:atp                            | tile  | 604
      layer1:dyvte                          | tile  | 204
      layer1:gemfilter(keep=0.25)           | tile  | 198
      """;

  private static final String CACHE_TABLE =
      """
      cache:h2o(keep=0.5)              | 0
      cache:streamingllm(keep=0.5)     | 0
      cache:mustdrop-cache             | 0
      cache:snapkv(keep=0.5, window=4) | 3408
      cache:lookm(keep=0.5)            | 1472
      cache:zipvl(recent=3, earlier=0) | 128
      cache:think(keep=0.5, queries=4) | 456
      cache:gear                       | 9376
      cache:quantised                  | 904
      """;

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = TABLE)
  void countsAsWorkedOutByHand(String plan, String layout, double operations) {
    Step<?> step = PruningPlan.parse(plan).steps().get(0);

    assertThat(operations(step, layout(layout))).isEqualTo(operations);
  }

  @Test
  void theTablesHaveEveryMethod() {
    Set<String> counted =
        Stream.concat(TABLE.lines(), CACHE_TABLE.lines())
            .map(line -> line.substring(line.indexOf(':') + 1, line.indexOf('|')))
            .map(step -> step.replaceAll("\\(.*", "").strip())
            .collect(Collectors.toSet());

    assertThat(counted)
        .as("methods with a case of their operations, worked out by hand, in this test")
        .containsAll(
            MethodCatalogue.all().methods().stream()
                .filter(method -> !method.points().contains(Point.Kind.ALL_LAYERS))
                .map(Method::name)
                .toList());
  }

  private static List<Tile> layout(String name) {
    return switch (name) {
      case "tile" -> RandomTokens.single(4, 4);
      case "crops" -> RandomTokens.crops(2, 2, 4);
      default -> RandomTokens.frames(4, 3, 3);
    };
  }

  private static <S extends TokenSet> double operations(Step<S> step, List<Tile> tiles) {
    S tokens =
        RandomTokens.constant(0.5f, tiles).tokens(step.action().actsOn(), step.pruner().needs());
    TokenReduction decision = step.pruner().reduce(tokens, step.budget());
    return step.pruner().operations(tokens, step.budget(), decision);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = CACHE_TABLE)
  void cachePoliciesCountAsWorkedOutByHand(String plan, double operations) {
    CacheStep step = PruningPlan.parse(plan).cache().get(0);
    CachedTokens cache = cache(step);

    assertThat(step.policy().operations(cache, step.decide(cache))).isEqualTo(operations);
  }

  /** Two key heads and four query heads of 4, 16 rows of visual tokens. */
  private static CachedTokens cache(CacheStep step) {
    RandomTokens values = RandomTokens.of(1, RandomTokens.single(1, 1));
    EvidenceSet observed = EvidenceSet.nothing();
    for (Evidence<?> kind : step.policy().needs()) {
      if (kind instanceof AccumulatedAttention attention) {
        observed = observed.with(attention, Attention.of(values.matrix(2, 16)));
      } else if (kind instanceof RecentQueries queries) {
        observed = observed.with(queries, new Queries(heads(values, 4, 4)));
      } else if (kind instanceof ProbeAttention probes) {
        observed = observed.with(probes, new Probes(new int[] {13, 14, 15}, values.matrix(3, 16)));
      } else if (kind instanceof LastLayerTokens last) {
        observed = observed.with(last, IntStream.range(0, 16).toArray());
      }
    }
    boolean[] visual = new boolean[16];
    Arrays.fill(visual, true);
    return new CachedTokens(
        3,
        heads(values, 2, 16),
        heads(values, 2, 16),
        Collections.nCopies(2, IntStream.range(0, 16).toArray()),
        visual,
        16,
        observed);
  }

  private static List<Matrix> heads(RandomTokens values, int heads, int rows) {
    return IntStream.range(0, heads).mapToObj(h -> values.matrix(rows, 4)).toList();
  }

  @Test
  void aStepAddsTheSumsThatItsMergeAsksFor() {
    Step<?> step = PruningPlan.parse("encoder:average-pool(keep=0.25)").steps().get(0);
    TokenSet tokens =
        RandomTokens.of(1, RandomTokens.single(4, 4)).tokens(TokenSet.class, Set.of());

    // The cells' middles, and four means of four tokens of 8.
    assertThat(step.decide(tokens).operations()).isEqualTo(160 + 2 * 16 * 8);
  }

  @Test
  void aPlanAddsUpItsSteps() {
    PruningPlan plan = PruningPlan.parse("encoder:random(keep=0.5) + encoder:divprune(keep=0.5)");
    TokenSet tokens =
        RandomTokens.of(1, RandomTokens.single(4, 4)).tokens(TokenSet.class, Set.of());

    // 16 draws, then 8 tokens of 8: unit rows and all pairs.
    assertThat(plan.decide(Point.ENCODER, tokens).operations())
        .isEqualTo(16 + 8 * (3 * 8 + 2) + 8 * 7 * 8);
  }

  @Test
  void aBudgetOfAllTokensLeavesNothingToCount() {
    Step<?> step = PruningPlan.parse("encoder:divprune(keep=1.0)").steps().get(0);
    TokenSet tokens =
        RandomTokens.of(1, RandomTokens.single(4, 4)).tokens(TokenSet.class, Set.of());

    assertThat(step.decide(tokens).operations()).isZero();
  }
}
