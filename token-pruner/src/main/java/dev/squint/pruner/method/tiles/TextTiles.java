package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.maths.Softmax;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.Set;

/**
 * Encodes the crops whose region in the global view matches the question's words, so that the
 * encoder does not run on the others.
 *
 * <p>Our own. The tokens of the global view get the scores s of {@link TextGuided}; a crop's score
 * is the softmax of s / temperature over the global view, summed over the crop's area, so that one
 * good match counts more than a region of mediocre ones. Every picture keeps crops in proportion to
 * its number of crops.
 *
 * @param guide source of the scores; the head's logits need no temperature
 * @param temperature temperature of both softmaxes, over the words and over the global view
 */
public record TextTiles(TextGuided.Guide guide, double temperature) implements Pruner<CropTokens> {
  public TextTiles {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(globalViews());
  }

  @Override
  public TokenReduction reduce(CropTokens crops, Budget budget) {
    TextGuided guided = guided();
    double divisor = guide == TextGuided.Guide.HEAD ? 1 : temperature;
    return GlobalViewMass.keep(
        crops,
        GlobalViewMass.views(crops.evidence(globalViews())),
        budget,
        view -> Softmax.shares(guided.score(view), divisor));
  }

  @Override
  public double operations(CropTokens crops, Budget budget, TokenReduction decision) {
    PatchTokens views = crops.evidence(globalViews());
    double scores = 0;
    for (int view = 0; view < views.tiles().size(); view++) {
      int tokens = views.ofTile(view).length;
      scores += guided().operations(views, tokens) + Operations.softmax(1, tokens) + tokens;
    }
    return scores + GlobalViewMass.operations(crops, GlobalViewMass.views(views));
  }

  private TextGuided guided() {
    return new TextGuided(guide, temperature);
  }

  private GlobalViews globalViews() {
    return new GlobalViews(guided().needs());
  }
}
