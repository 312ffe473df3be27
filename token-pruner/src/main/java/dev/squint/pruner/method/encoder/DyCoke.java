package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import java.util.stream.IntStream;

/**
 * Keeps of each four frames of a clip the first one whole, and of the others the tokens that are
 * least similar to the token at the same position of an earlier one: the second and the third frame
 * are compared with the first, the fourth with the third. The stage of DyCoke before the language
 * model (arXiv 2411.15024).
 *
 * <p>{@link Variant#CODE} leaves the third of the last four frames whole, as the authors' code
 * does; their code also drops the last frame of an odd number, which here stays. With a budget, the
 * compared frames share what the whole ones leave. If the budget is smaller than the whole frames,
 * these share it and keep their first tokens.
 *
 * @param variant paper or code
 * @param dropped share of the tokens of a compared frame that is dropped without a budget
 */
public record DyCoke(Variant variant, double dropped) implements Pruner<PatchTokens> {
  private static final int WINDOW = 4;

  public DyCoke {
    if (!(dropped >= 0 && dropped <= 1)) {
      throw new IllegalArgumentException("dropped must be in [0, 1] but was " + dropped);
    }
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int tiles = tokens.tiles().size();
    int[] before = PreviousFrame.of(tokens, frame -> back(frame, frames(tokens)));
    float[] novelty = PreviousFrame.novelty(tokens, before);
    int[] whole = new int[tiles];
    int[] compared = new int[tiles];
    for (int t = 0; t < tiles; t++) {
      int[] own = tokens.ofTile(t);
      boolean compares = IntStream.of(own).anyMatch(i -> before[i] >= 0);
      (compares ? compared : whole)[t] = own.length;
    }
    int[] shares = shares(whole, compared, budget, n);
    IntStream.Builder kept = IntStream.builder();
    for (int t = 0; t < tiles; t++) {
      int[] own = tokens.ofTile(t);
      float[] scores = new float[own.length];
      for (int i = 0; i < own.length; i++) {
        scores[i] = novelty[own[i]];
      }
      IntStream.of(Ranking.best(scores, shares[t])).forEach(i -> kept.add(own[i]));
    }
    return TokenReduction.keep(n, kept.build().sorted().toArray());
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return PreviousFrame.operations(
        tokens, PreviousFrame.of(tokens, frame -> back(frame, frames(tokens))));
  }

  private static int frames(PatchTokens tokens) {
    return tokens.tiles().stream().mapToInt(tile -> tile.frame() + 1).max().orElse(0);
  }

  /** How many frames before the one lies that a frame is compared with; 0 for a whole one. */
  private int back(int frame, int frames) {
    boolean lastWindow = frame / WINDOW * WINDOW + WINDOW >= frames;
    return switch (frame % WINDOW) {
      case 1, 3 -> 1;
      case 2 -> variant == Variant.CODE && lastWindow ? 0 : 2;
      default -> 0;
    };
  }

  private int[] shares(int[] whole, int[] compared, Budget budget, int n) {
    int ofWhole = IntStream.of(whole).sum();
    int ofCompared = n - ofWhole;
    int[] own = IntStream.of(compared).map(size -> (int) ((1 - dropped) * size)).toArray();
    int preferred = Math.max(1, ofWhole + IntStream.of(own).sum());
    int total = budget.tokens(n, preferred);
    if (budget instanceof Budget.Adaptive && total == preferred) {
      return IntStream.range(0, own.length).map(t -> whole[t] + own[t]).toArray();
    }
    int[] first = Apportionment.even(Math.min(total, ofWhole), whole);
    int[] others = Apportionment.even(Math.max(0, Math.min(total - ofWhole, ofCompared)), compared);
    return IntStream.range(0, first.length).map(t -> first[t] + others[t]).toArray();
  }
}
