package dev.squint.pruner.method;

import dev.squint.pruner.Continuation;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Prompts of some text, one picture and more text. */
public final class Prompts {
  private Prompts() {}

  /** The visual tokens, in one row, with features of zeros. */
  public static LayerTokens visual(int visual, EvidenceSet observed) {
    return visual(1, visual, new Matrix(visual, 1, new float[visual]), observed);
  }

  public static LayerTokens visual(int rows, int cols, Matrix hidden, EvidenceSet observed) {
    PatchTokens before =
        PatchTokens.encoded(RandomTokens.single(rows, cols), hidden, EvidenceSet.nothing());
    return LayerTokens.of(before, hidden, observed);
  }

  /** Where the prompt's kept tokens stand in it: all text and the kept visual tokens. */
  public static int[] rows(int prefix, int visual, int suffix, int[] kept) {
    return IntStream.concat(
            IntStream.concat(
                IntStream.range(0, prefix), IntStream.of(kept).map(index -> prefix + index)),
            IntStream.range(prefix + visual, prefix + visual + suffix))
        .toArray();
  }

  public static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  /** Position ids of the kept tokens in the following layers, from their earlier ones. */
  public static int[] positions(Continuation how, int[] earlier) {
    return how == Continuation.KEEP_POSITIONS ? earlier : range(0, earlier.length);
  }

  /** Which of the first tokens the later indices mean. */
  public static int[] pick(int[] of, int[] indices) {
    return IntStream.of(indices).map(index -> of[index]).toArray();
  }

  /** Heads of rows [R, S] each, as one matrix [H, S] for each row. */
  public static List<Matrix> byRow(List<Matrix> heads) {
    List<Matrix> rows = new ArrayList<>();
    for (int row = 0; row < heads.get(0).rows(); row++) {
      int here = row;
      rows.add(Matrix.of(heads.stream().map(head -> head.row(here)).toArray(float[][]::new)));
    }
    return rows;
  }

  /** The columns from one to another of every matrix. */
  public static List<Matrix> columns(List<Matrix> matrices, int from, int to) {
    return matrices.stream().map(matrix -> matrix.columns(range(from, to))).toList();
  }
}
