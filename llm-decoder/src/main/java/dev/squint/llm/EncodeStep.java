package dev.squint.llm;

import dev.squint.llm.RequestStep.Cost;
import dev.squint.llm.RequestStep.Encoded;
import dev.squint.llm.RequestStep.Tiled;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.tile.Downsampling;
import dev.squint.vision.tile.TiledImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** From tiles to visual tokens: encodes the tiles that the plan keeps, or finds them encoded. */
record EncodeStep(ModelParts model, AskOptions options) {

  Encoded encode(Tiled tiled) {
    Stopwatch watch = new Stopwatch();
    PruningPlan plan = options.plan();
    List<StageRun> glances = new ArrayList<>();
    EncodedTiles tiles =
        new TileEncoding(
                model.encoderCache(),
                plan,
                new QuestionReader(model, tiled).evidence(glances::add),
                model.always())
            .encode(tiled.given(), tiled.coarser());
    PatchTokens tokens = tiles.tokens();
    TokenReduction reduction = ofAllTiles(tokens);
    Encoding encoding = encoding(tiled, tiles, reduction.before(), plan);
    if (plan.pictureShare() < 1) {
      TokenReduction shown = Downsampling.shown(tiled.given(), tokens);
      reduction = reduction.then(shown);
      tokens = tokens.reduced(shown);
    }
    TokenReduction given = model.writer().given(tiled.frames().expanded().conversation(), tokens);
    reduction = reduction.then(given);
    tokens = tokens.reduced(given);
    report(plan, reduction);
    Cost cost =
        new Cost(
            watch.total() - tiles.choosingMillis(),
            tiles.choosingMillis(),
            tiles.cachedMillis(),
            tiles.operations(),
            notes(tiled, tiles));
    return new Encoded(
        tiled, tokens, encoding, tiles.work(), reduction, List.copyOf(glances), cost);
  }

  private List<String> notes(Tiled tiled, EncodedTiles tiles) {
    ExpandedConversation shown = tiled.frames().expanded();
    Stream<String> ofDomain =
        model
            .training()
            .domain()
            .map(check -> check.notes(shown.images(), shown.seconds(), tiles.tokens()))
            .orElse(List.of())
            .stream();
    return Stream.concat(ofDomain, SubstituteAttention.notes(tiles.substitute()).stream()).toList();
  }

  /** Reports the last point before or inside the encoder; only its tokens show what left there. */
  private void report(PruningPlan plan, TokenReduction reduction) {
    plan.points().stream()
        .filter(point -> point.compareTo(Point.ENCODER) < 0)
        .reduce((earlier, later) -> later)
        .ifPresent(
            point -> options.onPoint().accept(new PointReport(point, reduction, Optional.empty())));
  }

  private static Encoding encoding(
      Tiled tiled, EncodedTiles encoded, int visualTokens, PruningPlan plan) {
    int dropped = tiled.frames().expanded().dropped();
    List<Tile> tiles = encoded.tokens().tiles();
    // A frame is one tile, and those of a clip have one size.
    int ofDropped = dropped * (tiles.isEmpty() ? 0 : tiles.get(tiles.size() - 1).tokens());
    return new Encoding(
        offered(tiled, plan) + dropped,
        encoded.encodedTiles(),
        encoded.encodedTokens(),
        inFullSize(visualTokens, tiled.given(), tiled.full()) + ofDropped);
  }

  /**
   * The tiles that the plan can choose from: a shrunk picture has those of its full size, an
   * enlarged one those that it is cut into, and a coarser level adds its crops.
   */
  private static int offered(Tiled tiled, PruningPlan plan) {
    List<TiledImage> pictures = plan.zoom() > 1 ? tiled.given() : tiled.full();
    long coarser =
        tiled.coarser().stream()
            .flatMap(picture -> picture.tiles().stream())
            .filter(tile -> !tile.isGlobal())
            .count();
    return pictures.stream().mapToInt(picture -> picture.tiles().size()).sum() + (int) coarser;
  }

  /** The encoded tokens, as a reduction of the tokens of all tiles. */
  private static TokenReduction ofAllTiles(PatchTokens tokens) {
    int[] first = new int[tokens.tiles().size() + 1];
    for (int t = 0; t < tokens.tiles().size(); t++) {
      first[t + 1] = first[t] + tokens.tiles().get(t).tokens();
    }
    int[] encoded =
        tokens.positions().stream()
            .mapToInt(
                token ->
                    first[token.tile()]
                        + token.row() * tokens.tiles().get(token.tile()).cols()
                        + token.col())
            .toArray();
    return TokenReduction.keep(first[first.length - 1], encoded);
  }

  /** Each pixel yields the same number of tokens. */
  private static int inFullSize(int tokens, List<TiledImage> given, List<TiledImage> full) {
    long pixels = given.stream().mapToLong(Downsampling::pixels).sum();
    long ofFull = full.stream().mapToLong(Downsampling::pixels).sum();
    return pixels == ofFull ? tokens : (int) Math.rint((double) tokens * ofFull / pixels);
  }
}
