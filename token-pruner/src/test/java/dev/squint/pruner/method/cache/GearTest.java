package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.CacheStorage;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.method.GoldenCase;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class GearTest {

  public static void agreesWith(GoldenCase golden) {
    List<Matrix> keys = golden.matrices("K");
    List<Matrix> values = golden.matrices("V");
    golden.assertInteger("heads", keys.size());
    golden.assertInteger("head_dim", keys.get(0).cols());
    golden.assertInteger("seq", keys.get(0).rows());
    List<Matrix> starts = golden.matrices("P0");
    IntFunction<Matrix> start = starts::get;
    Gear gear =
        new Gear(
            golden.integer("bits"),
            golden.integer("group_size"),
            golden.number("sparsity"),
            golden.integer("rank"),
            golden.integer("loop"),
            20);

    List<Matrix> codedKeys = gear.coded(keys, true, false);
    List<Matrix> codedValues = gear.coded(values, false, false);
    Map<String, List<Matrix>> expected =
        Map.of(
            "K_channel_quant", codedKeys,
            "V_token_quant", codedValues,
            "K_gearL", withLowRank(gear, keys, codedKeys, start),
            "V_gearL", withLowRank(gear, values, codedValues, start),
            "K_gear_s", gear.coded(keys, true, true),
            "V_gear_s", gear.coded(values, false, true),
            "K_gear_full", gear.recovered(keys, true, start),
            "V_gear_full", gear.recovered(values, false, start));
    // A case need not have all variants, but has one.
    assertThat(expected.keySet()).anyMatch(golden::has);
    expected.forEach(
        (name, heads) -> {
          if (golden.has(name)) {
            ZipVlTest.assertHeads(golden, name, heads);
          }
        });
  }

  /** Codes and the approximation of what they lose, without outliers. */
  private static List<Matrix> withLowRank(
      Gear gear, List<Matrix> heads, List<Matrix> coded, IntFunction<Matrix> start) {
    List<LowRank> lost = gear.lost(heads, coded, start);
    return IntStream.range(0, heads.size())
        .mapToObj(h -> Gear.sum(coded.get(h), lost.get(h).product()))
        .toList();
  }

  @Test
  void aHigherRankRecoversMoreAndTakesMore() {
    RandomTokens random = RandomTokens.of(3, RandomTokens.single(1, 1));
    Matrix rows = random.matrix(40, 16);
    CachedTokens cache = Caches.of(List.of(rows), List.of(rows), EvidenceSet.nothing());
    Gear none = new Gear(2, 16, 0.02, 0, 3, 20);
    Gear some = new Gear(2, 16, 0.02, 8, 3, 20);

    assertThat(error(rows, some.asRead(cache).keys().get(0)))
        .isLessThan(0.8 * error(rows, none.asRead(cache).keys().get(0)));
    assertThat(some.store(cache).bytes()).isGreaterThan(none.store(cache).bytes());
    assertThat(none.store(cache).bytes()).isLessThan(CacheStorage.FLOAT32.store(cache).bytes() / 2);
  }

  private static double error(Matrix rows, Matrix read) {
    double square = 0;
    for (int i = 0; i < rows.data().length; i++) {
      square += Math.pow(rows.data()[i] - read.data()[i], 2);
    }
    return Math.sqrt(square);
  }
}
