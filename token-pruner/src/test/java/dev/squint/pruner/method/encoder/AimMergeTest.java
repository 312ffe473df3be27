package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.maths.BipartiteMerge;
import dev.squint.pruner.method.GoldenCase;
import java.util.Arrays;
import java.util.stream.IntStream;

public class AimMergeTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix features = golden.matrix("inputs.tokens_[N,D]");
    int[] ones = new int[features.rows()];
    Arrays.fill(ones, 1);
    int[] schedule = golden.integers("params.r_schedule");
    int[] lengths = golden.integers("outputs.lengths");
    BipartiteMerge merge = new BipartiteMerge(features, ones, false, false);
    for (int round = 0; round < schedule.length; round++) {
      merge.round(schedule[round]);
      assertThat(merge.list().rows()).isEqualTo(lengths[round]);
    }
    golden.assertMatrix("outputs.tokens", merge.list());

    // The budget that this schedule leaves gives the same tokens, in the grid's order.
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, features.rows()), features, EvidenceSet.nothing());
    TokenReduction reduction =
        new AimMerge().reduce(tokens, Budget.count(lengths[lengths.length - 1]));
    int[] target = reduction.target();
    int[] order =
        IntStream.range(0, merge.list().rows()).map(i -> target[merge.members(i)[0]]).toArray();
    golden.assertMatrix("outputs.tokens", reduction.apply(features).rows(order));
  }
}
