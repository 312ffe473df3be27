package dev.squint.llm.decoder.policy;

import dev.squint.llm.decoder.evidence.CacheEvidence;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens the rows of a layer's cache belong to, their positions, and the evidence of policies
 * about them. Not thread-safe.
 */
public final class LayerRows {

  private final int promptTokens;
  private List<int[]> tokens;
  private List<long[]> positions;
  private EvidenceSet evidence;

  /** The rows after a prompt, the same for all key heads. */
  LayerRows(int[] tokens, long[] positions, EvidenceSet evidence) {
    this.promptTokens = tokens.length;
    this.tokens = List.of(tokens);
    this.positions = List.of(positions);
    this.evidence = evidence;
  }

  /** Number of tokens of the prompt that the layer ran on. */
  int promptTokens() {
    return promptTokens;
  }

  EvidenceSet evidence() {
    return evidence;
  }

  /** Tokens of the rows, for each key head [N]. */
  List<int[]> tokens(int heads) {
    return tokens.size() == heads ? tokens : Collections.nCopies(heads, tokens.get(0));
  }

  /**
   * Records which rows are left.
   *
   * @param rotate applies RoPE to close gaps; null to leave them
   * @return the keys, for each key head [N, d]
   */
  List<Matrix> keep(CachedTokens left, @Nullable BiFunction<Matrix, long[], Matrix> rotate) {
    List<Matrix> keys = new ArrayList<>();
    List<long[]> newPositions = new ArrayList<>();
    List<int[]> newTokens = new ArrayList<>();
    for (int h = 0; h < left.heads(); h++) {
      long[] at = positions(h, tokens(left.heads()).get(h), left.tokens(h));
      Matrix head = left.keys().get(h);
      keys.add(rotate == null ? head : rotate.apply(head, closeGaps(at, newest(h))));
      newPositions.add(at);
      newTokens.add(left.tokens(h));
    }
    positions = newPositions;
    tokens = newTokens;
    evidence = CacheEvidence.following(left.observed());
    return keys;
  }

  /** Positions of the rows that are left. */
  private long[] positions(int head, int[] before, int[] left) {
    long[] at = positions.get(positions.size() == 1 ? 0 : head);
    return IntStream.of(left).mapToLong(token -> at[Arrays.binarySearch(before, token)]).toArray();
  }

  /** Position of the newest row, also of one that is not left. */
  private long newest(int head) {
    long[] at = positions.get(positions.size() == 1 ? 0 : head);
    return at[at.length - 1];
  }

  /**
   * Changes positions to ones without gaps, and returns how far each row moves. The rows end at the
   * position of the newest row, so that the next token follows without a gap: RoPE depends on
   * distances alone.
   */
  private static long[] closeGaps(long[] at, long newest) {
    long[] by = new long[at.length];
    for (int i = 0; i < at.length; i++) {
      long position = newest - (at.length - 1 - i);
      by[i] = position - at[i];
      at[i] = position;
    }
    return by;
  }

  /** Adds the row of a decoded token. */
  void grow(int token, long position) {
    tokens =
        tokens.stream()
            .map(of -> IntStream.concat(IntStream.of(of), IntStream.of(token)).toArray())
            .toList();
    positions =
        positions.stream()
            .map(at -> LongStream.concat(LongStream.of(at), LongStream.of(position)).toArray())
            .toList();
  }

  /** Adds the attention of a new token to all rows, the newest last, [key heads, N]. */
  void accumulate(Matrix attention) {
    evidence = CacheEvidence.grown(evidence, attention);
  }
}
