package dev.squint.llm.prompt;

import dev.squint.llm.model.ModelPackage;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * LLaVA-OneVision and LLaVA-NeXT: the global view, then all crops together row by row as if they
 * were one picture, padding cut off (arXiv 2408.03326, section 3.2). A row ends with a vector of
 * its own where the package has one; a row that has lost all its tokens has none.
 *
 * @param imageToken stands for one visual token or line break
 * @param lineBreaks whether rows are ended
 * @param maxTiles more tokens than those of this many tiles are shrunk to this number; LLaVA-NeXT
 *     never shrinks
 */
record AnyResPictureText(String imageToken, boolean lineBreaks, int maxTiles)
    implements PictureText {

  private static final Pattern ASPECT = Pattern.compile("anyres_max_(\\d+)");

  static AnyResPictureText of(ModelPackage model, String imageToken, boolean lineBreaks) {
    String aspect = model.config().path("vision_aspect_ratio").asText("anyres_max_9");
    Matcher matcher = ASPECT.matcher(aspect);
    if (!matcher.matches()) {
      throw model.broken(
          "config.json",
          "has vision_aspect_ratio '%s'; Squint knows anyres_max_N".formatted(aspect));
    }
    return new AnyResPictureText(imageToken, lineBreaks, Integer.parseInt(matcher.group(1)));
  }

  @Override
  public String of(List<TileTokens> tiles) {
    return imageToken.repeat(slots(tiles).length);
  }

  @Override
  public int[] slots(List<TileTokens> tiles) {
    List<TokenPlace> places = TokenPlace.of(tiles);
    List<TokenPlace> crops = new ArrayList<>(places);
    crops.removeIf(place -> place.tile().isGlobal());
    crops.sort(Comparator.comparingInt(TokenPlace::row).thenComparingInt(TokenPlace::col));
    List<Integer> slots = new ArrayList<>();
    for (TokenPlace place : places) {
      if (place.tile().isGlobal()) {
        slots.add(place.token());
      }
    }
    for (int i = 0; i < crops.size(); i++) {
      if (lineBreaks && i > 0 && crops.get(i).row() != crops.get(i - 1).row()) {
        slots.add(LINE_BREAK);
      }
      slots.add(crops.get(i).token());
    }
    // A picture that has no crops is one row.
    boolean ends = tiles.size() == 1 ? !places.isEmpty() : !crops.isEmpty();
    int breaks = ends ? 1 : places.isEmpty() ? 0 : rowsWithoutTokens(tiles);
    for (int i = 0; lineBreaks && i < breaks; i++) {
      slots.add(LINE_BREAK);
    }
    return slots.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Rows of the crops of a picture so narrow that all their tokens are padding. They are ended all
   * the same (transformers, {@code modeling_llava_next.py}).
   */
  private static int rowsWithoutTokens(List<TileTokens> tiles) {
    SortedMap<Integer, Tile.Area> shown = new TreeMap<>();
    for (TileTokens tile : tiles) {
      Tile.Crop crop = tile.tile().crop();
      if (crop != null) {
        shown.put(crop.row(), tile.tile().shown());
      }
    }
    return tiles.stream().anyMatch(tile -> !tile.tile().isGlobal() && showsTokens(tile.tile()))
        ? 0
        : shown.values().stream().mapToInt(area -> area.bottom() - area.top()).sum();
  }

  private static boolean showsTokens(Tile tile) {
    return tile.shown().right() > tile.shown().left();
  }

  @Override
  public TokenReduction given(PatchTokens tokens) {
    TokenReduction shown =
        TokenReduction.keep(
            tokens.size(),
            IntStream.range(0, tokens.size()).filter(i -> isShown(tokens, i)).toArray());
    PatchTokens unpadded = tokens.reduced(shown);
    return shown.then(JointGrid.shrink(unpadded, maxTiles));
  }

  private static boolean isShown(PatchTokens tokens, int token) {
    TokenPosition position = tokens.positions().get(token);
    Tile tile = tokens.tiles().get(position.tile());
    return tile.isGlobal() || tile.shown().contains(position.row(), position.col());
  }
}
