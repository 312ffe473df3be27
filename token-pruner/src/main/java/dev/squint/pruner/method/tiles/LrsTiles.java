package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.CoarseCrops;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.maths.RelevanceHead;
import dev.squint.pruner.maths.Softmax;
import dev.squint.pruner.method.decoder.Lrs;
import java.util.Set;

/**
 * Encodes the crops of the regions that the language model attends to, or will attend to, in a
 * coarser view. LRS-VQA's step from a coarse view to finer tiles (arXiv 2503.07588), our reading.
 * The authors score with a trained copy of early decoder layers. Here the decoder's own first
 * layers run on the coarser view and the question, or a small head of the package scores each
 * token, which was trained to predict the decoder's attention.
 *
 * <p>With one level the coarser view is the global view. With two, the global view first selects
 * crops of a coarser level of the picture, and these select the crops. The attention of the last
 * prompt token is normalised over the coarser view, in each head. Without a budget the method keeps
 * every crop that overlaps one of the most attended tokens; with a budget, the crops with the
 * largest sums. In the authors' code each row's newline also selects the row's last tile; this is
 * not done here. Every picture keeps crops in proportion to its number of crops.
 *
 * @param layers number of decoder layers to run, at least 1; the attention of the last one is used
 * @param share of the coarser view's tokens that select crops; 0.25 in the authors' code
 * @param guide source of the scores
 * @param levels coarser views that are encoded one after the other, 1 or 2
 * @param zoom how many times as high and wide as the package resizes it the picture is cut, 1 or 2
 * @param coarse share of the coarser level's crops that are encoded, if there are two levels
 */
public record LrsTiles(int layers, double share, Guide guide, int levels, int zoom, double coarse)
    implements Pruner<CropTokens> {
  private static final QuestionEmbeddings QUESTION = new QuestionEmbeddings();
  private static final Trained HEAD = new Trained("lrs");

  /** Source of the scores. */
  public enum Guide {
    /** The decoder's first layers. */
    LAYERS,
    /** The trained head of the package. */
    HEAD
  }

  public LrsTiles {
    if (layers < 1 || !(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "layers must be at least 1 and share in (0, 1] but were %d and %s"
              .formatted(layers, share));
    }
    if (levels < 1 || levels > 2 || zoom < 1 || zoom > 2 || !(coarse > 0 && coarse <= 1)) {
      throw new IllegalArgumentException(
          "levels and zoom must be 1 or 2 and coarse in (0, 1] but were %d, %d and %s"
              .formatted(levels, zoom, coarse));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return levels == 1 ? Set.of(globalViews()) : Set.of(globalViews(), coarseCrops());
  }

  @Override
  public TokenReduction reduce(CropTokens crops, Budget budget) {
    GlobalViewMass.Views views = views(crops);
    TokenReduction shown = GlobalViewMass.showing(crops, views, this::highest);
    int count = budget.tokens(crops.size(), shown.after());
    return count == shown.after() && budget instanceof Budget.Adaptive
        ? shown
        : GlobalViewMass.keep(crops, views, Budget.count(count), this::shares);
  }

  @Override
  public double operations(CropTokens crops, Budget budget, TokenReduction decision) {
    GlobalViewMass.Views views = views(crops);
    double shares = 0;
    for (int frame : GlobalViewMass.frames(crops)) {
      shares += operations(views.of(frame));
    }
    return shares + GlobalViewMass.operations(crops, views);
  }

  private double operations(PatchTokens view) {
    int n = view.size();
    if (guide == Guide.HEAD) {
      return new RelevanceHead(view.evidence(HEAD)).operations(n, view.evidence(QUESTION).rows())
          + Operations.softmax(1, n)
          + n;
    }
    int heads = view.evidence(attention()).perHead().rows();
    return 2.0 * heads * n + Operations.columnMeans(heads, n);
  }

  /** The crops of the coarser level where a picture has some, else its global view. */
  private GlobalViewMass.Views views(CropTokens crops) {
    GlobalViewMass.Views global = GlobalViewMass.views(crops.evidence(globalViews()));
    if (levels == 1) {
      return global;
    }
    PatchTokens coarser = crops.evidence(coarseCrops());
    return frame -> {
      int[] of = GlobalViewMass.ofFrame(coarser, frame);
      return of.length == 0
          ? global.of(frame)
          : coarser.reduced(TokenReduction.keep(coarser.size(), of));
    };
  }

  private float[] shares(PatchTokens view) {
    if (guide == Guide.HEAD) {
      return Softmax.shares(
          new RelevanceHead(view.evidence(HEAD)).logits(view.features(), view.evidence(QUESTION)),
          1);
    }
    return Lrs.shares(view.evidence(attention()).perHead()).columnMeans();
  }

  /** 1 for the tokens that select crops, 0 for the others. */
  private float[] highest(PatchTokens view) {
    float[] marks = new float[view.size()];
    for (int i : Ranking.best(shares(view), Math.max(1, (int) (view.size() * share)))) {
      marks[i] = 1;
    }
    return marks;
  }

  private GlanceAttention attention() {
    return new GlanceAttention(layers);
  }

  private Set<Evidence<?>> showing() {
    return guide == Guide.HEAD ? Set.of(QUESTION, HEAD) : Set.of(attention());
  }

  private GlobalViews globalViews() {
    return new GlobalViews(showing());
  }

  private CoarseCrops coarseCrops() {
    return new CoarseCrops(new LrsTiles(layers, share, guide, 1, 1, 1), coarse, showing());
  }
}
