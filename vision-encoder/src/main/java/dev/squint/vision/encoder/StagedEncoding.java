package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.RestoringPruner;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.EncoderLayerTokens;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderStages.WholeInputs;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.tile.KeptGroups;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Runs one request through an encoder's stages and merges tokens between them. Later layers process
 * only the remaining tokens, and weight the attention to each token by its number of patches
 * (proportional attention, ToMe, arXiv 2210.09461).
 *
 * <p>Where one patch makes one visual token, the merged tokens are the visual tokens. A projector
 * that combines a square of patches into one token needs all patches, so merged states are copied
 * back to every member's position before the projector. This saves computation in the layers, but
 * the number of visual tokens does not change.
 */
final class StagedEncoding {

  private final String graph;
  private final EncoderStages stages;
  private final WholeInputs whole;
  private final int maxPixels;
  private final int maxTiles;
  private final boolean somePatches;
  private final List<TileStates> tiles = new ArrayList<>();

  /**
   * Prepares for one request.
   *
   * @param whole fills the inputs of the whole graph
   * @param pictures its tiles
   * @param maxPixels maximum number of pixels in a run of several tiles
   * @param maxTiles maximum number of tiles in a run
   */
  StagedEncoding(
      String graph,
      EncoderStages stages,
      WholeInputs whole,
      List<TiledImage> pictures,
      int maxPixels,
      int maxTiles) {
    this.graph = graph;
    this.stages = stages;
    this.whole = whole;
    this.maxPixels = maxPixels;
    this.maxTiles = maxTiles;
    for (int frame = 0; frame < pictures.size(); frame++) {
      TiledImage picture = pictures.get(frame);
      for (int tile = 0; tile < picture.tiles().size(); tile++) {
        tiles.add(new TileStates(new TileRun.Span(frame, picture, tile, tile + 1)));
      }
    }
    this.somePatches = stages.plan().cutAfter().contains(CutPlan.EMBEDDINGS);
    if (somePatches) {
      tiles.forEach(tile -> tile.keep(keptRows(tile)));
    }
  }

  /** The rows of a tile's embeddings that are encoded: those before the patches, and of groups. */
  private int[] keptRows(TileStates tile) {
    int all = stages.embeddedRows(tile, whole);
    List<KeptGroups> kept = tile.span().picture().kept();
    if (kept.isEmpty()) {
      return IntStream.range(0, all).toArray();
    }
    KeptGroups own = kept.get(tile.span().from());
    return PatchRows.of(graph, all, own.grid()).withTokens(own.groups());
  }

  /** Encodes all tiles and reads the evidence from taps. */
  PatchTokens encode(PruningPlan plan, TileEvidence evidence, Set<? extends Evidence<?>> wanted) {
    return releasing(() -> encoded(plan, evidence, wanted));
  }

  private <T> T releasing(Supplier<T> run) {
    try {
      return run.get();
    } finally {
      tiles.forEach(TileStates::release);
    }
  }

  private PatchTokens encoded(
      PruningPlan plan, TileEvidence evidence, Set<? extends Evidence<?>> wanted) {
    run(0);
    if (stages.count() == 1) {
      return unmerged(evidence, wanted);
    }
    if (RewrittenEncoder.drops(plan)) {
      return dropped(plan, evidence, wanted);
    }
    return RewrittenEncoder.restoring(plan)
        .map(method -> restored(plan, method, evidence, wanted))
        .orElseGet(() -> merged(plan, evidence, wanted));
  }

  /** The grid of visual tokens that the first tile gives. */
  TokenGrid grid() {
    run(0);
    return releasing(() -> probe(tiles.get(0)).tokens());
  }

  private PatchTokens unmerged(TileEvidence evidence, Set<? extends Evidence<?>> wanted) {
    Evidence<?> any = wanted.iterator().next();
    return PatchTokens.encoded(
        places(tiles.stream().map(tile -> rows(tile, evidence, any).tokens()).toList()),
        features(tiles),
        evidence.observed(
            wanted,
            one ->
                tiles.stream()
                    .map(tile -> TilePart.whole(tile, rows(tile, evidence, one)))
                    .toList()));
  }

  private PatchRows rows(TileStates tile, TileEvidence evidence, Evidence<?> one) {
    return PatchRows.of(graph, evidence.rows(tile, one), grid(tile, tile.rows()));
  }

  private PatchTokens merged(
      PruningPlan plan, TileEvidence evidence, Set<? extends Evidence<?>> wanted) {
    List<PatchRows> rows = rows();
    List<int[]> groups = groups(rows);
    TokenReduction all = GridTokens.patches(groups, rows);
    PatchTokens tokens = withoutFeatures(rows.stream().map(PatchRows::patches).toList());
    tokens = tokens.reduced(all);
    double spent = 0;
    for (int stage = 1; stage < stages.count(); stage++) {
      int layers = stages.plan().cutAfter().get(stage - 1) + 1;
      if (layers > 0 && !plan.at(Point.insideEncoder(layers)).isEmpty()) {
        tokens = tokens.holding(HiddenRows.patches(tiles, rows), EvidenceSet.nothing());
        Decision decision = plan.decide(Point.insideEncoder(layers), tokens);
        spent += decision.operations();
        if (!decision.reduction().isIdentity()) {
          tokens = tokens.reduced(decision.reduction());
          all = all.then(decision.reduction());
          HiddenRows.replace(tiles, tokens, rows);
        }
      }
      if (stage + 1 < stages.count()) {
        run(stage);
      }
    }
    if (spreads(rows)) {
      checkMerged(all, groups, rows);
    }
    double operations = spent;
    EvidenceReader reader = parts -> evidence.observed(wanted, any -> parts).after(operations);
    return projected(tokens, all, groups, rows, reader);
  }

  /** Drops visual tokens between the stages. */
  private PatchTokens dropped(
      PruningPlan plan, TileEvidence evidence, Set<? extends Evidence<?>> wanted) {
    List<PatchRows> rows = rows();
    List<TokenGrid> grids = rows.stream().map(PatchRows::tokens).toList();
    PatchTokens given = withoutFeatures(grids);
    given = given.reduced(GridTokens.chosen(groups(rows), grids));
    List<Integer> cuts = stages.plan().cutAfter();
    int layers = cuts.get(cuts.size() - 1) + 1;
    PruningPlan counted = plan.countedInside(layers, given.size());
    GroupDropping dropping = new GroupDropping(tiles, rows, given);
    for (int stage = 1; stage < stages.count(); stage++) {
      dropping.decide(counted, cuts.get(stage - 1) + 1);
      if (stage + 1 < stages.count()) {
        run(stage);
      }
    }
    List<int[]> groups = dropping.groups();
    TokenReduction kept = GridTokens.patches(groups, rows);
    PatchTokens patches = withoutFeatures(rows.stream().map(PatchRows::patches).toList());
    EvidenceReader reader =
        parts -> evidence.observed(wanted, any -> parts).after(dropping.operations());
    return projected(patches.reduced(kept), kept, groups, rows, reader);
  }

  /** Lets layers run on some of the rows, and puts the others back before the projector. */
  private PatchTokens restored(
      PruningPlan plan,
      RestoringPruner method,
      TileEvidence evidence,
      Set<? extends Evidence<?>> wanted) {
    List<PatchRows> rows = rows();
    List<int[]> groups = groups(rows);
    TokenReduction given = GridTokens.patches(groups, rows);
    PatchTokens patches = withoutFeatures(rows.stream().map(PatchRows::patches).toList());
    PatchTokens tokens = patches.reduced(given);
    Point point = RewrittenEncoder.inside(plan).get(0);
    List<Integer> cuts = stages.plan().cutAfter();
    int start = cuts.indexOf(point.layers() - 1) + 1;
    for (int stage = 1; stage < start; stage++) {
      run(stage);
    }
    RowRestoring restoring = new RowRestoring(tiles, rows, tokens, plan, point, method);
    for (int stage = start; stage < stages.count(); stage++) {
      boolean last = stage + 1 == stages.count();
      restoring.next(cuts.get(stage - 1) + 1, last);
      if (!last) {
        run(stage);
      }
    }
    double operations = restoring.operations();
    EvidenceReader reader = parts -> evidence.observed(wanted, any -> parts).after(operations);
    return projected(tokens, given, groups, rows, reader);
  }

  /** All tokens of the tiles, with no features yet. */
  private PatchTokens withoutFeatures(List<TokenGrid> grids) {
    int tokens = grids.stream().mapToInt(GridTokens::count).sum();
    return PatchTokens.encoded(
        places(grids), new Matrix(tokens, 0, new float[0]), EvidenceSet.nothing());
  }

  /** Reads the evidence about the tokens, given where each tile has their rows. */
  private interface EvidenceReader {
    EvidenceSet read(List<TilePart> parts);
  }

  /** The meaning of the rows of each tile. */
  private List<PatchRows> rows() {
    List<PatchRows> rows = new ArrayList<>();
    Map<String, PatchRows> known = new LinkedHashMap<>();
    for (TileStates tile : tiles) {
      TiledImage picture = tile.span().picture();
      rows.add(
          known.computeIfAbsent(
              "%s %d %d"
                  .formatted(picture.kept().isEmpty(), picture.tileWidth(), picture.tileHeight()),
              key ->
                  somePatches && !picture.kept().isEmpty()
                      ? PatchRows.of(
                          graph, stages.embeddedRows(tile, whole), picture.kept().get(0).grid())
                      : probe(tile)));
    }
    return rows;
  }

  /** For each tile the groups that are encoded, which are its visual tokens. */
  private List<int[]> groups(List<PatchRows> rows) {
    List<int[]> groups = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++) {
      TileRun.Span span = tiles.get(t).span();
      List<KeptGroups> kept = span.picture().kept();
      groups.add(
          kept.isEmpty()
              ? IntStream.range(0, GridTokens.count(rows.get(t).tokens())).toArray()
              : kept.get(span.from()).groups().stream().mapToInt(Integer::intValue).toArray());
    }
    return groups;
  }

  /** Whether the projector must be given the full grid of patches. */
  private boolean spreads(List<PatchRows> rows) {
    return rows.stream().anyMatch(own -> own.side() > 1)
        || (somePatches && !stages.projectsRowwise());
  }

  /**
   * The tokens after the projector.
   *
   * @param tokens the patches that are left
   * @param merged how they came from all patches
   * @param groups for each tile the groups that have a visual token
   */
  private PatchTokens projected(
      PatchTokens tokens,
      TokenReduction merged,
      List<int[]> groups,
      List<PatchRows> rows,
      EvidenceReader evidence) {
    boolean spreads = spreads(rows);
    List<TilePart> parts = new ArrayList<>();
    int start = 0;
    int first = 0;
    for (int t = 0; t < tiles.size(); t++) {
      PatchRows own = rows.get(t);
      TileStates tile = tiles.get(t);
      int patches = GridTokens.count(own.patches());
      int[] targets = Arrays.copyOfRange(merged.target(), start, start + patches);
      int before = first;
      int kept = tokens.ofTile(t).length;
      if (spreads) {
        parts.add(TilePart.of(tile, own, groups.get(t), i -> targets[i] - before, kept));
        tile.place(own.places(targets, before));
      } else {
        tile.place(IntStream.range(0, tile.rows()).toArray());
        parts.add(TilePart.whole(tile, own.line(kept)));
      }
      start += patches;
      first += kept;
    }
    run(stages.count() - 1);
    Matrix features = features(tiles);
    EvidenceSet observed =
        evidence.read(parts).with(new EncoderLayerTokens(), TileStates.layerTokens(tiles, rows));
    if (spreads) {
      return ofGroups(features, groups, rows, observed);
    }
    if (features.rows() != tokens.size()) {
      throw new IllegalArgumentException(
          "%s makes %d visual tokens of %d remaining patches, so tokens cannot be merged inside it; remove the steps at encoder points from the plan"
              .formatted(graph, features.rows(), tokens.size()));
    }
    return tokens.holding(features, observed);
  }

  /** Checks that no patch was dropped whose group is encoded. */
  private void checkMerged(TokenReduction merged, List<int[]> groups, List<PatchRows> rows) {
    int[] target = merged.target();
    if (IntStream.of(GridTokens.patches(groups, rows).kept())
        .anyMatch(patch -> target[patch] < 0)) {
      throw new IllegalArgumentException(
          "%s combines several patches into one visual token, so inside it patches can be merged but not dropped; choose a method that merges"
              .formatted(graph));
    }
  }

  /** The tokens of the encoded groups, given the features of all groups. */
  private PatchTokens ofGroups(
      Matrix features, List<int[]> groups, List<PatchRows> rows, EvidenceSet observed) {
    List<TokenGrid> grids = rows.stream().map(PatchRows::tokens).toList();
    PatchTokens all = PatchTokens.encoded(places(grids), features, EvidenceSet.nothing());
    PatchTokens encoded = all.reduced(GridTokens.chosen(groups, grids));
    return encoded.holding(encoded.features(), observed);
  }

  /** Runs a stage on all tiles. Tiles of one size with the same number of rows share a batch. */
  private void run(int stage) {
    Map<String, List<TileStates>> alike = new LinkedHashMap<>();
    for (TileStates tile : tiles) {
      TiledImage picture = tile.span().picture();
      String key = "%d %d %d".formatted(tile.rows(), picture.tileWidth(), picture.tileHeight());
      alike.computeIfAbsent(key, k -> new ArrayList<>()).add(tile);
    }
    for (List<TileStates> batch : alike.values()) {
      TiledImage picture = batch.get(0).span().picture();
      int limit = maxPixels / (picture.tileWidth() * picture.tileHeight());
      // The embeddings of one tile keep as many rows as it needs, without a copy of its pixels.
      boolean apart = stage == 0 && somePatches;
      limit = apart ? 1 : Math.max(1, Math.min(maxTiles, limit));
      for (int from = 0; from < batch.size(); from += limit) {
        stages.run(stage, batch.subList(from, Math.min(batch.size(), from + limit)), whole);
      }
    }
  }

  /** Runs the projector on unmerged hidden states to find how many tokens it makes. */
  private PatchRows probe(TileStates tile) {
    TileStates copy = new TileStates(tile.span());
    copy.advance(tile.hidden());
    copy.place(IntStream.range(0, tile.rows()).toArray());
    stages.run(stages.count() - 1, List.of(copy), whole);
    copy.release();
    return PatchRows.of(graph, tile.rows(), grid(tile, copy.rows()));
  }

  private static TokenGrid grid(TileStates tile, int tokens) {
    TiledImage picture = tile.span().picture();
    return TokenGrid.of(tokens, picture.tileWidth(), picture.tileHeight());
  }

  private List<Tile> places(List<TokenGrid> grids) {
    return IntStream.range(0, tiles.size())
        .mapToObj(
            t -> {
              TileRun.Span span = tiles.get(t).span();
              TiledImage picture = span.picture();
              return grids.get(t).tile(span.frame(), picture.tiles().get(span.from()), picture);
            })
        .toList();
  }

  private Matrix features(List<TileStates> from) {
    Matrix features =
        HiddenRows.joined(from.stream().map(TileStates::hidden).map(HeadMaths::matrix).toList());
    EncodedRun.requireFinite(graph, features.data(), features.cols());
    return features;
  }
}
