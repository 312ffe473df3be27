package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.LastLayerTokens;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import dev.squint.pruner.method.cache.MustDropCache;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class MustDropTest {

  public static void agreesWith(GoldenCase golden) {
    int prefix = golden.integer("prefix");
    int visual = golden.integer("visual");
    int text = golden.integer("text");
    int heads = golden.integer("heads");
    int[] layers = golden.integers("pruning_layers");
    MustDrop method = new MustDrop(golden.number("global_thr"), golden.number("individual_thr"), 0);
    int[] kept = Prompts.range(0, visual);
    int[] always = golden.integers("initial_key_set");
    List<int[]> keptAfter = new ArrayList<>(List.of(kept));
    for (GoldenCase stage : golden.parts("stages")) {
      stage.assertInteger("layer", layers[keptAfter.size() - 1]);
      stage.assertInteger("visual_in", kept.length);
      List<Matrix> attention = stage.matrices("attn_text_to_visual");
      assertThat(attention).hasSize(heads);
      Matrix words = MustDrop.meanOverHeads(new TextAttention(Prompts.byRow(attention)));

      stage.assertFloats("global_sum", words.columnSums());
      stage.ignore("global_cut"); // what passes the filter is above it
      stage.assertFloats("individual_max", MustDrop.most(words));
      stage.assertIntegers("passed_filter", method.filter(words, new int[0]));
      stage.assertIntegers("key_set_in", always);
      int[] choice = method.filter(words, always);
      stage.assertIntegers("kept_visual", choice);
      always = IntStream.of(always).map(key -> indexOf(choice, key)).toArray();
      stage.assertIntegers("key_set_out", always);
      kept = Prompts.pick(kept, choice);
      stage.assertIntegers("kept_original", kept);
      keptAfter.add(kept);
    }
    for (GoldenCase layer : golden.parts("decode_kv_per_layer")) {
      int index = layer.integer("layer");
      int stage = (int) IntStream.of(layers).filter(pruned -> pruned < index).count();
      int[] given = Prompts.rows(prefix, visual, text, keptAfter.get(stage));
      layer.assertInteger("prefill_len", given.length);
      layer.assertIntegers(
          "kept_rows", rowsForDecoding(index, given, Prompts.rows(prefix, visual, text, kept)));
    }
  }

  private static int[] rowsForDecoding(int layer, int[] tokens, int[] last) {
    Matrix rows = new Matrix(tokens.length, 1, new float[tokens.length]);
    CachedTokens cache =
        new CachedTokens(
            layer,
            List.of(rows),
            List.of(rows),
            List.of(tokens),
            new boolean[0],
            tokens.length,
            EvidenceSet.nothing().with(new LastLayerTokens(), last));
    return new MustDropCache(2).decide(cache, Budget.adaptive()).rows().get(0).kept();
  }

  private static int indexOf(int[] values, int value) {
    return IntStream.range(0, values.length)
        .filter(i -> values[i] == value)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void oneWordOrAllTogetherKeepAToken() {
    // Token 0 by both words together, token 1 by one word, token 2 by none, token 3 protected.
    Matrix first = Matrix.of(new float[] {0.3f, 0.35f, 0.01f, 0});
    Matrix second = Matrix.of(new float[] {0.3f, 0, 0.01f, 0});
    LayerTokens tokens =
        Prompts.visual(
            4,
            EvidenceSet.nothing()
                .with(new TextQueryAttention(), new TextAttention(List.of(first, second)))
                .with(new ClsAttention(-1), Attention.of(Matrix.of(new float[] {0, 0, 0, 1}))));

    assertThat(new MustDrop(0.4, 0.32, 0.25).reduce(tokens, Budget.adaptive()).kept())
        .containsExactly(0, 1, 3);
    assertThat(new MustDrop(0.4, 0.32, 0).reduce(tokens, Budget.adaptive()).kept())
        .containsExactly(0, 1);
    assertThat(new MustDrop(1, 1, 0).reduce(tokens, Budget.adaptive()).kept()).containsExactly(0);
    assertThat(new MustDrop(0.4, 0.32, 0.25).reduce(tokens, new Budget.Adaptive(0, 0.25)).kept())
        .containsExactly(0);
  }
}
