package dev.squint.llm.decoder.input;

import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.method.depth.Yopo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which visual tokens attend to which where a plan decides it and not the graph.
 *
 * @param rule null where the graph decides
 * @param tokens number of all tokens, S
 * @param places of the visual tokens, by their rows
 */
public record TokenPairs(@Nullable Yopo rule, int tokens, Map<Integer, TokenPosition> places) {

  private static final float SEEN = 1;

  /** Added to a logit to hide a key; a half has room for it, and the softmax makes it 0. */
  private static final float HIDDEN = -1e4f;

  /** Copies the map. */
  public TokenPairs {
    places = Map.copyOf(places);
  }

  /** Tokens for which the graph decides. */
  public static TokenPairs none(int tokens) {
    return new TokenPairs(null, tokens, Map.of());
  }

  /** Those of a prompt of S tokens, with visual tokens at these places in these rows. */
  public static TokenPairs of(Yopo rule, int tokens, int[] rows, List<TokenPosition> at) {
    Map<Integer, TokenPosition> places = new TreeMap<>();
    for (int i = 0; i < rows.length; i++) {
      places.put(rows[i], at.get(i));
    }
    return new TokenPairs(rule, tokens, places);
  }

  /** The pairs of some tokens. */
  TokenPairs of(int[] rows) {
    Map<Integer, TokenPosition> left = new TreeMap<>();
    for (int i = 0; i < rows.length; i++) {
      TokenPosition place = places.get(rows[i]);
      if (place != null) {
        left.put(i, place);
      }
    }
    return new TokenPairs(rule, rows.length, left);
  }

  /**
   * What the graph takes for new tokens behind cached ones, [S * columns]; zero where it decides.
   *
   * @param columns number of keys, cached and new
   */
  float[] values(int columns) {
    float[] values = new float[tokens * columns];
    Yopo yopo = rule;
    if (yopo != null) {
      int first = columns - tokens;
      places.forEach(
          (i, query) ->
              places.forEach(
                  (j, key) ->
                      values[i * columns + first + j] = yopo.sees(query, key) ? SEEN : HIDDEN));
    }
    return values;
  }
}
