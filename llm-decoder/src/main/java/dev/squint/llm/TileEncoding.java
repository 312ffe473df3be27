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
 * Encodes the tiles that a plan selects. Methods that read the global views have these encoded
 * first; they do not go through the encoder again.
 *
 * @param request evidence that neither encoder nor decoder shows
 * @param always evidence that the encoder provides for every plan
 */
record TileEncoding(
    EncoderCache encoder, PruningPlan plan, RequestEvidence request, Set<Evidence<?>> always) {

  /**
   * One pass through the encoder, or what the cache holds of it.
   *
   * @param operations of merging inside the encoder and of what it shows
   */
  private record Part(TileSelection.Encoded encoded, double cachedMillis, double operations) {
    PatchTokens tokens() {
      return encoded.tokens();
    }
  }

  /**
   * Global views that were encoded first, and the crops with what methods read of the views.
   *
   * @param part with the evidence for later points alone
   * @param operations of reading evidence that the encoder does not show
   */
  private record Views(
      Part part, CropTokens crops, boolean substitute, double millis, double operations) {}

  /** The tokens of the encoded tiles, with the evidence for the point after the encoder. */
  EncodedTiles encode(List<TiledImage> pictures) {
    CropTokens crops = TileSelection.crops(pictures);
    if (plan.at(Point.TILES).isEmpty() || crops.size() == 0) {
      Part all = encode(TileSelection.all(pictures), afterEncoder());
      return encoded(all.tokens(), List.of(all), false, 0, 0);
    }
    Set<Evidence<?>> needs = plan.needs(Point.TILES);
    if (needs.isEmpty()) {
      return chosen(pictures, crops, List.of(), false, 0, 0);
    }
    Views views = views(crops, pictures, needs);
    return chosen(
        pictures,
        views.crops(),
        List.of(views.part()),
        views.substitute(),
        views.millis(),
        views.operations());
  }

  /** Chooses crops and encodes what is not encoded yet; the numbers are those of the views. */
  private EncodedTiles chosen(
      List<TiledImage> pictures,
      CropTokens crops,
      List<Part> before,
      boolean substitute,
      double millis,
      double operations) {
    Stopwatch watch = new Stopwatch();
    Decision choice = plan.decide(Point.TILES, crops);
    CropTokens chosen = crops.reduced(choice.reduction());
    double choosing = millis + watch.total();
    TileSelection rest = TileSelection.withCrops(pictures, chosen);
    for (Part part : before) {
      rest = rest.without(part.encoded().selection());
    }
    List<Part> parts = new ArrayList<>(before);
    if (!rest.places().isEmpty()) {
      parts.add(encode(rest, afterEncoder()));
    }
    PatchTokens tokens =
        TileSelection.together(pictures, parts.stream().map(Part::encoded).toList());
    return encoded(tokens, parts, substitute, choosing, operations + choice.operations());
  }

  private static EncodedTiles encoded(
      PatchTokens tokens,
      List<Part> parts,
      boolean substitute,
      double choosingMillis,
      double operations) {
    return new EncodedTiles(
        tokens,
        parts.stream().mapToInt(part -> part.encoded().selection().places().size()).sum(),
        substitute,
        parts.stream().mapToDouble(Part::cachedMillis).sum(),
        choosingMillis,
        operations + parts.stream().mapToDouble(Part::operations).sum());
  }

  /** Encodes the global views and adds them, and what the methods read of them, to the crops. */
  private Views views(CropTokens crops, List<TiledImage> pictures, Set<Evidence<?>> needs) {
    Set<Evidence<?>> later = afterEncoder();
    Set<Evidence<?>> wanted = new LinkedHashSet<>(later);
    for (Evidence<?> need : needs) {
      wanted.addAll(ofEncoder(((GlobalViews) need).showing()));
    }
    // The first layers run on the global views of all pictures, because the prompt has them all.
    Part part =
        encode(
            looks(needs)
                ? TileSelection.globalViews(pictures)
                : TileSelection.globalViewsWithCrops(pictures),
            wanted);
    Stopwatch watch = new Stopwatch();
    PatchTokens views = part.tokens();
    double operations = 0;
    CropTokens known = crops;
    for (Evidence<?> need : needs) {
      GlobalViews shown = (GlobalViews) need;
      PatchTokens told = request.addTo(views, shown.showing());
      operations += told.operations() - views.operations();
      known = known.with(shown, told.showingOnly(shown.showing()));
    }
    TileSelection.Encoded reusable =
        new TileSelection.Encoded(part.encoded().selection(), views.showingOnly(later));
    return new Views(
        new Part(reusable, part.cachedMillis(), part.operations()),
        known,
        SubstituteAttention.isShownBy(views),
        watch.total(),
        operations);
  }

  private static boolean looks(Set<Evidence<?>> needs) {
    return needs.stream()
        .flatMap(need -> ((GlobalViews) need).showing().stream())
        .anyMatch(shown -> shown.source() == Evidence.Source.GLANCE);
  }

  private Part encode(TileSelection selection, Set<Evidence<?>> evidence) {
    EncoderCache.Encoded encoded = encoder.encode(selection.toEncode(), evidence, plan);
    return new Part(
        new TileSelection.Encoded(selection, selection.placed(encoded.tokens())),
        encoded.cachedMillis(),
        encoded.tokens().operations());
  }

  /** What methods after the encoder read of it, those between decoder layers too. */
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
}
