package dev.squint.llm;

import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.encoder.TileSelection;
import dev.squint.vision.tile.TiledImage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Encodes the tiles that a plan wants encoded. Methods that look at the global views have these
 * encoded first; they do not go through the encoder again. Made for one question and thrown away.
 */
final class TileEncoding {

  private final EncoderCache encoder;
  private final PruningPlan plan;
  private final RequestEvidence request;
  private final Set<Evidence<?>> always;

  private final Stopwatch watch = new Stopwatch();
  private final List<TileSelection.Encoded> parts = new ArrayList<>();
  private boolean substitute;
  private double encodeMillis;
  private double cachedMillis;
  private double chooseMillis;
  private double operations;

  /**
   * Prepares for one question.
   *
   * @param request what neither encoder nor decoder shows
   * @param always what is wanted of the encoder whatever the plan
   */
  TileEncoding(
      EncoderCache encoder, PruningPlan plan, RequestEvidence request, Set<Evidence<?>> always) {
    this.always = always;
    this.encoder = encoder;
    this.plan = plan;
    this.request = request;
  }

  /** The tokens of the encoded tiles, [N, D], with the evidence for the point after the encoder. */
  PatchTokens encode(List<TiledImage> pictures) {
    CropTokens crops = TileSelection.crops(pictures);
    if (plan.at(Point.TILES).isEmpty() || crops.size() == 0) {
      return encode(TileSelection.all(pictures), afterEncoder());
    }
    Set<Evidence<?>> needs = plan.needs(Point.TILES);
    if (!needs.isEmpty()) {
      crops = withGlobalViews(crops, pictures, needs);
    }
    Decision choice = plan.decide(Point.TILES, crops);
    operations += choice.operations();
    CropTokens chosen = crops.reduced(choice.reduction());
    chooseMillis += watch.lap();
    TileSelection rest = TileSelection.withCrops(pictures, chosen);
    for (TileSelection.Encoded part : parts) {
      rest = rest.without(part.selection());
    }
    if (!rest.places().isEmpty()) {
      encode(rest, afterEncoder());
    }
    return TileSelection.together(pictures, parts);
  }

  /** Encodes the global views and adds them, and what the methods read of them, to the crops. */
  private CropTokens withGlobalViews(
      CropTokens crops, List<TiledImage> pictures, Set<Evidence<?>> needs) {
    Set<Evidence<?>> later = afterEncoder();
    Set<Evidence<?>> wanted = new LinkedHashSet<>(later);
    for (Evidence<?> need : needs) {
      wanted.addAll(ofEncoder(((GlobalViews) need).showing()));
    }
    // A look at them needs those of all pictures, as the prompt has them all.
    PatchTokens views =
        encode(
            looks(needs)
                ? TileSelection.globalViews(pictures)
                : TileSelection.globalViewsWithCrops(pictures),
            wanted);
    substitute = RequestRun.showsSubstitute(views);
    parts.set(0, new TileSelection.Encoded(parts.get(0).selection(), views.showingOnly(later)));
    CropTokens known = crops;
    for (Evidence<?> need : needs) {
      GlobalViews shown = (GlobalViews) need;
      PatchTokens told = request.addTo(views, shown.showing());
      operations += told.operations() - views.operations();
      known = known.with(shown, told.showingOnly(shown.showing()));
    }
    return known;
  }

  private static boolean looks(Set<Evidence<?>> needs) {
    return needs.stream()
        .flatMap(need -> ((GlobalViews) need).showing().stream())
        .anyMatch(shown -> shown.source() == Evidence.Source.GLANCE);
  }

  private PatchTokens encode(TileSelection selection, Set<Evidence<?>> evidence) {
    EncoderCache.Encoded encoded = encoder.encode(selection.toEncode(), evidence, plan);
    PatchTokens tokens = selection.placed(encoded.tokens());
    operations += encoded.tokens().operations();
    parts.add(new TileSelection.Encoded(selection, tokens));
    cachedMillis += encoded.cachedMillis();
    encodeMillis += watch.lap();
    return tokens;
  }

  /** What the encoder is to tell to the methods after it, between decoder layers too. */
  private Set<Evidence<?>> afterEncoder() {
    Set<Evidence<?>> needs = new LinkedHashSet<>(always);
    for (Point point : plan.points()) {
      if (point.compareTo(Point.ENCODER) >= 0) {
        needs.addAll(plan.needs(point));
      }
    }
    return ofEncoder(needs);
  }

  private static Set<Evidence<?>> ofEncoder(Set<Evidence<?>> needs) {
    Set<Evidence<?>> given = new LinkedHashSet<>(needs);
    given.removeIf(evidence -> evidence.source() != Evidence.Source.ENCODER);
    return given;
  }

  /** How many tiles were encoded, for this question or an earlier one. */
  int encodedTiles() {
    return parts.stream().mapToInt(part -> part.selection().places().size()).sum();
  }

  /** Whether a method chose tiles by attention that stands in for that of a CLS token. */
  boolean usesSubstitute() {
    return substitute;
  }

  /** Milliseconds in the encoder. */
  double encodeMillis() {
    return encodeMillis;
  }

  /** Milliseconds that the encoder took, for earlier questions, for what came from the cache. */
  double cachedMillis() {
    return cachedMillis;
  }

  /**
   * Operations of the choice of tiles, of merging inside the encoder, and of what the encoder
   * shows, {@link dev.squint.pruner.Operations}.
   */
  double operations() {
    return operations;
  }

  /** Milliseconds for the choice of tiles. */
  double chooseMillis() {
    return chooseMillis;
  }
}
