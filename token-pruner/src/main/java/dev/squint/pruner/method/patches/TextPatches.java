package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.Set;

/**
 * Encodes of the crops the groups of patches at the places where the global view matches the
 * question.
 *
 * <p>Our own. The tokens of the global view get the scores of {@link TextGuided}, which are laid
 * over the crops. All crops of a picture compete for its budget. The global view is encoded whole
 * and stays whole.
 *
 * @param guide source of the scores
 * @param temperature of the softmax over the words
 */
public record TextPatches(TextGuided.Guide guide, double temperature)
    implements Pruner<PatchGroups> {
  public TextPatches {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(views());
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    PatchTokens views = groups.evidence(views());
    ViewOverlay overlay = new ViewOverlay(groups, views);
    return overlay.keepJointly(budget, overlay.over(scores(views)));
  }

  private float[] scores(PatchTokens views) {
    return ViewScores.perView(views, view -> guided().score(view));
  }

  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    PatchTokens views = groups.evidence(views());
    return ViewScores.operations(guided(), views)
        + ViewOverlay.INTERPOLATION * new ViewOverlay(groups, views).overlaid();
  }

  private TextGuided guided() {
    return new TextGuided(guide, temperature);
  }

  private GlobalViews views() {
    return new GlobalViews(guided().needs());
  }
}
