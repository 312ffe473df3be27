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
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class ToMeTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix all = golden.matrix("inputs.tokens_[N,D]");
    boolean cls = golden.bool("params.class_token");
    assertThat(golden.text("params.metric")).isEqualTo("the tokens themselves");
    int head = cls ? 1 : 0;
    Matrix features = all.rows(IntStream.range(head, all.rows()).toArray());
    int[] ones = new int[features.rows()];
    Arrays.fill(ones, 1);
    BipartiteMerge merge = new BipartiteMerge(features, ones, cls, true);
    for (int r : golden.integers("params.r_schedule")) {
      merge.round(r);
    }

    // In the golden file the CLS token comes first and is token 0.
    List<int[]> sources = golden.integerRows("outputs.sources_per_output");
    float[] sizes = golden.floats("outputs.sizes");
    Matrix expected = golden.matrix("outputs.tokens");
    assertThat(merge.sizes()).containsExactly(Arrays.copyOfRange(sizes, head, sizes.length));
    for (int i = head; i < sources.size(); i++) {
      assertThat(IntStream.of(merge.members(i - head)).map(j -> j + head).toArray())
          .containsExactly(sources.get(i));
    }
    GoldenCase.assertClose(
        "tokens",
        merge.list().data(),
        expected.rows(IntStream.range(head, expected.rows()).toArray()).data());

    // The method merges the same tokens when its rounds are those of the file; the order is the
    // grid's.
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, features.rows()), features, EvidenceSet.nothing());
    GoldenCase.assertClose(
        "applied",
        merge.reduction().apply(features).rows(ranks(merge)).data(),
        merge.list().data());
    assertThat(new ToMe(cls).reduce(tokens, Budget.ratio(0.5)).after())
        .isEqualTo(features.rows() / 2);
  }

  /** For each index of the list the rank of its representative. */
  private static int[] ranks(BipartiteMerge merge) {
    TokenReduction reduction = merge.reduction();
    int[] target = reduction.target();
    return IntStream.range(0, merge.list().rows()).map(i -> target[merge.members(i)[0]]).toArray();
  }

  @Test
  void theMostSimilarPairsMerge() {
    Matrix features =
        Matrix.of(new float[] {1, 0}, new float[] {0, 2}, new float[] {0, 4}, new float[] {-1, 0});
    PatchTokens tokens =
        PatchTokens.encoded(RandomTokens.single(2, 2), features, EvidenceSet.nothing());

    TokenReduction reduction = new ToMe(false).reduce(tokens, Budget.count(3));

    // Of 0 and 2, token 2 is most like one of 1 and 3, and goes into 1.
    assertThat(reduction.kept()).containsExactly(0, 1, 3);
    assertThat(reduction.target()).containsExactly(0, 1, 1, 2);
    assertThat(reduction.apply(features).row(1)).containsExactly(0, 3);
  }

  @Test
  void meansAreWeightedByPatches() {
    Matrix features = Matrix.of(new float[] {1}, new float[] {4});
    PatchTokens tokens =
        PatchTokens.encoded(RandomTokens.single(1, 2), features, EvidenceSet.nothing());
    PatchTokens uneven =
        PatchTokens.encoded(
                RandomTokens.single(1, 4),
                new Matrix(4, 1, new float[] {1, 1, 1, 4}),
                EvidenceSet.nothing())
            .reduced(
                TokenReduction.merge(
                    new int[] {0, 3}, new int[] {0, 0, 0, 1}, new int[] {1, 1, 1, 1}));

    assertThat(new ToMe(false).reduce(tokens, Budget.count(1)).apply(features).get(0, 0))
        .isEqualTo(2.5f);
    assertThat(new ToMe(false).reduce(uneven, Budget.count(1)).apply(uneven.features()).get(0, 0))
        .isEqualTo(1.75f);
    // AIM ignores how many patches a token has.
    assertThat(new AimMerge().reduce(uneven, Budget.count(1)).apply(uneven.features()).get(0, 0))
        .isEqualTo(2.5f);
  }
}
