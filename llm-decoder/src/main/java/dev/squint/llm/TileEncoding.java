package dev.squint.llm;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.CoarseCrops;
import dev.squint.pruner.evidence.FirstLook;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.method.baseline.UniformGrid;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.encoder.GroupSelection;
import dev.squint.vision.encoder.TileSelection;
import dev.squint.vision.tile.TiledImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Encodes the tiles and groups of patches that a plan selects. Methods that read the global views
 * have these encoded first; they do not go through the encoder again.
 *
 * @param request evidence that neither encoder nor decoder shows
 * @param always evidence that the encoder provides for every plan
 */
record TileEncoding(
    EncoderCache encoder, PruningPlan plan, RequestEvidence request, Set<Evidence<?>> always) {

  /**
   * Global views that were encoded first, and what methods read of them.
   *
   * @param parts the views with the evidence for later points alone; none if no method needs them
   * @param shown for each kind of evidence its value
   * @param operations of reading evidence that the encoder does not show
   */
  private record Views(
      List<EncodedPart> parts,
      Map<GlobalViews, PatchTokens> shown,
      boolean substitute,
      double millis,
      double operations) {

    static final Views NONE = new Views(List.of(), Map.of(), false, 0, 0);
  }

  /**
   * The tiles and groups that a plan encodes.
   *
   * @param tiles the tiles with at least one group of patches
   * @param groups the groups that are kept; empty if the plan does not choose groups
   * @param looks groups that were encoded first, which are not among those of the tiles
   * @param coarser crops of a coarser level that were encoded to choose the tiles
   */
  private record Choice(
      TileSelection tiles,
      Optional<PatchGroups> groups,
      List<Look> looks,
      List<Look> coarser,
      double operations) {

    /** A choice of tiles alone. */
    static Choice of(TileSelection tiles, List<Look> coarser, double operations) {
      return new Choice(tiles, Optional.empty(), List.of(), coarser, operations);
    }

    /** Milliseconds of encoding what was encoded to choose. */
    double lookMillis() {
      return Stream.concat(looks.stream(), coarser.stream()).mapToDouble(Look::millis).sum();
    }
  }

  /**
   * Groups of patches or crops that were encoded before the others are chosen.
   *
   * @param part with the evidence for later points alone
   * @param placed the same tokens with their places among all tiles, and the evidence for the
   *     choice
   * @param used whether the tokens are used, and not encoded again with all others
   * @param millis that encoding took
   */
  private record Look(EncodedPart part, PatchTokens placed, boolean used, double millis) {
    Look unused() {
      return new Look(part, placed, false, millis);
    }

    int tiles() {
      return part.encoded().selection().places().size();
    }

    int groups() {
      return part.encoded().selection().groups(placed.tiles());
    }
  }

  /**
   * The tokens of the encoded tiles, with the evidence for the point after the encoder.
   *
   * @param coarser the level of a pyramid by which the plan chooses crops; none without such a plan
   */
  EncodedTiles encode(List<TiledImage> pictures, List<TiledImage> coarser) {
    // Describing the crops reads all of their pixels.
    CropTokens crops =
        plan.at(Point.TILES).isEmpty() ? CropTokens.of(List.of()) : TileSelection.crops(pictures);
    boolean choosesTiles = crops.size() > 0;
    boolean choosesGroups = !plan.at(Point.PATCHES).isEmpty() && !pictures.isEmpty();
    Set<GlobalViews> needs = new LinkedHashSet<>();
    if (choosesTiles) {
      needs.addAll(ofViews(Point.TILES));
    }
    if (choosesGroups) {
      needs.addAll(ofViews(Point.PATCHES));
    }
    Views views = needs.isEmpty() ? Views.NONE : views(pictures, needs);
    Stopwatch watch = new Stopwatch();
    Choice choice = Choice.of(TileSelection.all(pictures), List.of(), 0);
    if (choosesTiles) {
      choice = tiles(pictures, coarser, crops, views);
    }
    if (choosesGroups) {
      choice = groups(pictures, choice, views);
    }
    return encoded(pictures, choice, views, watch.total() - choice.lookMillis());
  }

  private Set<GlobalViews> ofViews(Point point) {
    Set<GlobalViews> needs = new LinkedHashSet<>();
    for (Evidence<?> need : plan.needs(point)) {
      if (need instanceof GlobalViews views) {
        needs.add(views);
      }
    }
    return needs;
  }

  private Choice tiles(
      List<TiledImage> pictures, List<TiledImage> coarser, CropTokens crops, Views views) {
    CropTokens known = seen(crops, views);
    List<Look> looks = new ArrayList<>();
    for (Evidence<?> need : plan.needs(Point.TILES)) {
      if (need instanceof CoarseCrops kind) {
        CropTokens level = seen(TileSelection.crops(coarser), views);
        if (level.size() > 0) {
          Look look = coarse(coarser, level, kind, views);
          known = known.with(kind, look.placed());
          looks.add(look);
        } else {
          PatchTokens ofViews = views.parts().get(0).tokens().showingOnly(Set.of());
          known = known.with(kind, ofViews.reduced(ofCrops(ofViews)));
        }
      }
    }
    Decision decision = plan.decide(Point.TILES, known);
    return Choice.of(
        TileSelection.withCrops(pictures, crops.reduced(decision.reduction())),
        looks,
        decision.operations());
  }

  private CropTokens seen(CropTokens crops, Views views) {
    CropTokens known = crops;
    for (GlobalViews need : ofViews(Point.TILES)) {
      known = known.with(need, Objects.requireNonNull(views.shown().get(need)));
    }
    return known;
  }

  /** Encodes the crops of a coarser level that the global views select. */
  private Look coarse(List<TiledImage> level, CropTokens crops, CoarseCrops kind, Views views) {
    Budget budget = Budget.ratio(kind.share());
    TokenReduction chosen = kind.choice().reduce(crops, budget);
    TileSelection whole = TileSelection.globalViews(level);
    TileSelection selection = TileSelection.withCrops(level, crops.reduced(chosen)).without(whole);
    Set<Evidence<?>> given = ofEncoder(always);
    Stopwatch watch = new Stopwatch();
    EncodedPart part = encode(selection, given);
    double millis = watch.total();
    PatchTokens ofViews = views.parts().get(0).tokens().showingOnly(given);
    PatchTokens all =
        TileSelection.together(
            level, List.of(new TileSelection.Encoded(whole, ofViews), part.encoded()));
    PatchTokens known = request.addTo(all, kind.showing());
    PatchTokens shown = known.reduced(ofCrops(known)).showingOnly(kind.showing());
    double operations =
        part.operations()
            + kind.choice().operations(crops, budget, chosen)
            + known.operations()
            - all.operations();
    return new Look(
        new EncodedPart(part.encoded(), part.work(), part.cachedMillis(), operations),
        shown,
        false,
        millis);
  }

  private static TokenReduction ofCrops(PatchTokens tokens) {
    return TokenReduction.keep(
        tokens.size(),
        IntStream.range(0, tokens.size())
            .filter(i -> !tokens.tiles().get(tokens.positions().get(i).tile()).isGlobal())
            .toArray());
  }

  private Choice groups(List<TiledImage> pictures, Choice before, Views views) {
    PatchGroups known =
        GroupSelection.within(
            GroupSelection.groups(pictures, encoder.encoder()::groups), before.tiles());
    for (GlobalViews need : ofViews(Point.PATCHES)) {
      known = known.with(need, Objects.requireNonNull(views.shown().get(need)));
    }
    known = request.addTo(known, plan.needs(Point.PATCHES));
    List<Look> looks = new ArrayList<>();
    for (Evidence<?> need : plan.needs(Point.PATCHES)) {
      if (need instanceof FirstLook first) {
        Look look = look(known, without(before.tiles(), views.parts()), first);
        PatchTokens shown = request.addTo(look.placed(), first.showing());
        known = known.with(first, shown.showingOnly(first.showing()));
        looks.add(look);
      }
    }
    Decision decision = plan.decide(Point.PATCHES, known);
    PatchGroups kept = known.reduced(decision.reduction());
    // If all groups are kept they are encoded together, as without a plan.
    boolean all = decision.reduction().isIdentity();
    PatchGroups others = kept;
    for (Look look : looks) {
      others = all ? others : GroupSelection.without(others, look.placed());
    }
    return new Choice(
        GroupSelection.keeping(before.tiles(), others),
        Optional.of(kept),
        all ? looks.stream().map(Look::unused).toList() : looks,
        before.coarser(),
        before.operations() + known.operations() + decision.operations());
  }

  private static TileSelection without(TileSelection tiles, List<EncodedPart> parts) {
    TileSelection rest = tiles;
    for (EncodedPart part : parts) {
      rest = rest.without(part.encoded().selection());
    }
    return rest;
  }

  /** Encodes evenly spaced groups of the tiles. */
  private Look look(PatchGroups groups, TileSelection tiles, FirstLook first) {
    PatchGroups of = GroupSelection.within(groups, tiles);
    TokenReduction even = new UniformGrid().reduce(of, Budget.ratio(first.share()));
    Set<Evidence<?>> later = afterEncoder();
    Set<Evidence<?>> wanted = new LinkedHashSet<>(later);
    wanted.addAll(ofEncoder(first.showing()));
    Stopwatch watch = new Stopwatch();
    EncodedPart part = encode(GroupSelection.keeping(tiles, of.reduced(even)), wanted);
    double millis = watch.total();
    PatchTokens placed = TileSelection.joined(groups.tiles(), List.of(part.encoded()));
    return new Look(part.showing(later), placed, true, millis);
  }

  /** Encodes what is wanted and not encoded yet. */
  private EncodedTiles encoded(
      List<TiledImage> pictures, Choice choice, Views views, double choosingMillis) {
    TileSelection rest = without(choice.tiles(), views.parts());
    List<EncodedPart> parts = new ArrayList<>(views.parts());
    choice.looks().stream().filter(Look::used).map(Look::part).forEach(parts::add);
    if (!rest.places().isEmpty() || parts.isEmpty()) {
      parts.add(encode(rest, afterEncoder()));
    }
    List<TileSelection.Encoded> encoded = parts.stream().map(EncodedPart::encoded).toList();
    PatchTokens tokens;
    if (choice.groups().isPresent()) {
      PatchGroups groups = choice.groups().get();
      PatchTokens all = TileSelection.joined(groups.tiles(), encoded).inReadingOrder();
      tokens = all.reduced(GroupSelection.tokens(all, groups));
    } else if (parts.size() == 1 && rest.places().equals(TileSelection.all(pictures).places())) {
      tokens = parts.get(0).tokens();
    } else {
      tokens = TileSelection.together(pictures, encoded);
    }
    List<Tile> tiles = tokens.tiles();
    List<Look> coarser = choice.coarser();
    List<EncodedPart> run =
        Stream.concat(parts.stream(), coarser.stream().map(Look::part)).toList();
    return new EncodedTiles(
        tokens,
        (int)
                encoded.stream()
                    .flatMap(part -> part.selection().places().stream())
                    .distinct()
                    .count()
            + coarser.stream().mapToInt(Look::tiles).sum(),
        encoded.stream().mapToInt(part -> part.selection().groups(tiles)).sum()
            + coarser.stream().mapToInt(Look::groups).sum(),
        // The groups of a first look ran, also if all groups are encoded again afterwards.
        Stream.concat(run.stream(), unused(choice))
            .map(EncodedPart::work)
            .reduce(EncoderWork.NONE, EncoderWork::plus),
        views.substitute()
            || choice.looks().stream().anyMatch(l -> SubstituteAttention.isShownBy(l.placed())),
        run.stream().mapToDouble(EncodedPart::cachedMillis).sum(),
        views.millis() + choosingMillis,
        views.operations()
            + choice.operations()
            + run.stream().mapToDouble(EncodedPart::operations).sum());
  }

  private static Stream<EncodedPart> unused(Choice choice) {
    return choice.looks().stream().filter(look -> !look.used()).map(Look::part);
  }

  /** Encodes the global views and reads what the methods need of them. */
  private Views views(List<TiledImage> pictures, Set<GlobalViews> needs) {
    Set<Evidence<?>> later = afterEncoder();
    Set<Evidence<?>> wanted = new LinkedHashSet<>(later);
    needs.forEach(need -> wanted.addAll(ofEncoder(need.showing())));
    // The first layers run on the global views of all pictures, because the prompt has them all.
    // Groups of patches are chosen from all pictures.
    boolean ofAll = looks(needs) || plan.readsCoarseCrops() || !ofViews(Point.PATCHES).isEmpty();
    EncodedPart part =
        encode(
            ofAll
                ? TileSelection.globalViews(pictures)
                : TileSelection.globalViewsWithCrops(pictures),
            wanted);
    Stopwatch watch = new Stopwatch();
    PatchTokens views = part.tokens();
    double operations = 0;
    Map<GlobalViews, PatchTokens> shown = new LinkedHashMap<>();
    for (GlobalViews need : needs) {
      PatchTokens known = request.addTo(views, need.showing());
      operations += known.operations() - views.operations();
      shown.put(need, known.showingOnly(need.showing()));
    }
    return new Views(
        List.of(part.showing(later)),
        shown,
        SubstituteAttention.isShownBy(views),
        watch.total(),
        operations);
  }

  private static boolean looks(Set<GlobalViews> needs) {
    return needs.stream()
        .flatMap(need -> need.showing().stream())
        .anyMatch(shown -> shown.source() == Evidence.Source.GLANCE);
  }

  private EncodedPart encode(TileSelection selection, Set<Evidence<?>> evidence) {
    // Without a tile there is nothing that a method could read.
    List<TiledImage> pictures = selection.toEncode();
    Set<Evidence<?>> given = pictures.isEmpty() ? ofEncoder(always) : evidence;
    Set<Evidence<?>> wanted = new LinkedHashSet<>(given);
    if (plan.actsInsideEncoder() && !pictures.isEmpty()) {
      wanted.add(EncoderWork.INSIDE);
    }
    EncoderCache.Encoded encoded = encoder.encode(pictures, wanted, plan);
    PatchTokens tokens = encoded.tokens().showingOnly(given);
    return new EncodedPart(
        new TileSelection.Encoded(selection, selection.placed(tokens)),
        EncoderWork.of(encoded.tokens()),
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
