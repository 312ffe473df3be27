package dev.squint.vision.encoder;

import dev.squint.pruner.CropTokens;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.KeptGroups;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A selection of the tiles of a request's pictures, to be encoded separately.
 *
 * @param pictures all pictures with all of their tiles
 * @param places indices of the tiles, numbered over all pictures, ascending
 */
public record TileSelection(List<TiledImage> pictures, List<Integer> places) {

  /** Copies the lists. */
  public TileSelection {
    pictures = List.copyOf(pictures);
    places = List.copyOf(places);
  }

  /** All tiles. */
  public static TileSelection all(List<TiledImage> pictures) {
    return where(pictures, place -> true);
  }

  /** The global views of the pictures that have crops. */
  public static TileSelection globalViewsWithCrops(List<TiledImage> pictures) {
    return where(pictures, place -> place.globalView() && place.picture().tiles().size() > 1);
  }

  /** The global views of all pictures. */
  public static TileSelection globalViews(List<TiledImage> pictures) {
    return where(pictures, Place::globalView);
  }

  /**
   * All global views and some of the crops.
   *
   * @param crops the result of {@link #crops} after pruning
   */
  public static TileSelection withCrops(List<TiledImage> pictures, CropTokens crops) {
    List<Integer> cropPlaces = where(pictures, place -> !place.globalView()).places;
    List<Integer> kept =
        crops.positions().stream().map(TokenPosition::tile).map(cropPlaces::get).toList();
    return where(pictures, place -> place.globalView() || kept.contains(place.index()));
  }

  /** The tiles of this selection that are not in another one. */
  public TileSelection without(TileSelection others) {
    return new TileSelection(
        pictures, places.stream().filter(place -> !others.places.contains(place)).toList());
  }

  /** The crops of all pictures, not yet encoded. */
  public static CropTokens crops(List<TiledImage> pictures) {
    List<CropTokens.Candidate> candidates = new ArrayList<>();
    for (Place place : places(pictures)) {
      TiledImage picture = place.picture();
      TilePlacement tile = picture.tiles().get(place.tile());
      Tile.Crop crop = tile.crop();
      if (crop != null) {
        Region region = tile.region();
        candidates.add(
            new CropTokens.Candidate(
                place.frame(),
                crop,
                new CropTokens.Place(
                    region.top() / picture.pictureHeight(),
                    region.left() / picture.pictureWidth(),
                    region.bottom() / picture.pictureHeight(),
                    region.right() / picture.pictureWidth()),
                extremes(picture, place.tile())));
      }
    }
    return CropTokens.of(candidates);
  }

  /** Minimum and maximum value of each colour channel of a tile, [6]. */
  private static float[] extremes(TiledImage picture, int tile) {
    float[] extremes = new float[6];
    int plane = picture.tileWidth() * picture.tileHeight();
    float[] values = new float[plane];
    for (int colour = 0; colour < 3; colour++) {
      picture.pixels().position((3 * tile + colour) * plane).get(values);
      float least = Float.POSITIVE_INFINITY;
      float greatest = Float.NEGATIVE_INFINITY;
      for (float value : values) {
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
      extremes[2 * colour] = least;
      extremes[2 * colour + 1] = greatest;
    }
    return extremes;
  }

  /**
   * The encoder's input: the pictures with only these tiles, without pictures that have none of
   * them.
   */
  public List<TiledImage> toEncode() {
    List<Place> all = places(pictures);
    List<TiledImage> chosen = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      int frame = i;
      int[] tiles =
          places.stream()
              .map(all::get)
              .filter(place -> place.frame() == frame)
              .mapToInt(Place::tile)
              .toArray();
      TiledImage picture = pictures.get(i);
      if (tiles.length > 0) {
        chosen.add(tiles.length == picture.tiles().size() ? picture : picture.only(tiles));
      }
    }
    return chosen;
  }

  /**
   * Renumbers the encoder's output for {@link #toEncode}, so that frame indices refer to the whole
   * request.
   */
  public PatchTokens placed(PatchTokens encoded) {
    List<Place> all = places(pictures);
    if (places.size() == all.size()) {
      return encoded;
    }
    List<Tile> tiles = new ArrayList<>();
    List<PatchTokens.EncodedTile> parts = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      Tile tile = encoded.tiles().get(i);
      int frame = all.get(places.get(i)).frame();
      tiles.add(new Tile(frame, tile.rows(), tile.cols(), tile.crop(), tile.shown()));
      parts.add(new PatchTokens.EncodedTile(encoded, i, i));
    }
    return PatchTokens.together(tiles, parts);
  }

  /** A selection and its encoded tokens. */
  public record Encoded(TileSelection selection, PatchTokens tokens) {}

  /**
   * Joins the tokens of selections that were encoded separately, in the order of the prompt. All
   * tiles are listed; tiles in no selection have no tokens.
   *
   * @param parts disjoint selections of the same pictures; each picture has at least one tile in
   *     them
   */
  public static PatchTokens together(List<TiledImage> pictures, List<Encoded> parts) {
    List<PatchTokens.EncodedTile> encoded = encodedTiles(parts);
    List<Place> all = places(pictures);
    TokenGrid[] grids = new TokenGrid[pictures.size()];
    for (PatchTokens.EncodedTile tile : encoded) {
      Tile as = tile.tokens().tiles().get(tile.tile());
      grids[all.get(tile.place()).frame()] = new TokenGrid(as.rows(), as.cols());
    }
    List<Tile> tiles =
        all.stream()
            .map(
                place -> {
                  TilePlacement placement = place.picture().tiles().get(place.tile());
                  TokenGrid sheet = placement.sheet();
                  TokenGrid grid = sheet == null ? grids[place.frame()] : sheet;
                  return grid.tile(place.frame(), placement, place.picture());
                })
            .toList();
    return PatchTokens.together(tiles, encoded);
  }

  /**
   * Joins the tokens of selections that were encoded separately, where groups of patches were
   * chosen: any tile may have no tokens.
   *
   * @param tiles all tiles of the request
   * @param parts disjoint selections
   */
  public static PatchTokens joined(List<Tile> tiles, List<Encoded> parts) {
    return PatchTokens.together(tiles, encodedTiles(parts));
  }

  private static List<PatchTokens.EncodedTile> encodedTiles(List<Encoded> parts) {
    List<PatchTokens.EncodedTile> encoded = new ArrayList<>();
    for (Encoded part : parts) {
      List<Integer> places = part.selection().places();
      IntStream.range(0, places.size())
          .mapToObj(i -> new PatchTokens.EncodedTile(part.tokens(), i, places.get(i)))
          .forEach(encoded::add);
    }
    encoded.sort(Comparator.comparing(PatchTokens.EncodedTile::place));
    return encoded;
  }

  /**
   * Number of groups of patches that this selection encodes.
   *
   * @param tiles all tiles of the request
   */
  public int groups(List<Tile> tiles) {
    List<Place> all = places(pictures);
    int groups = 0;
    for (int place : places) {
      List<KeptGroups> kept = all.get(place).picture().kept();
      groups +=
          kept.isEmpty()
              ? tiles.get(place).tokens()
              : kept.get(all.get(place).tile()).groups().size();
    }
    return groups;
  }

  private static TileSelection where(List<TiledImage> pictures, Predicate<Place> chosen) {
    return new TileSelection(
        pictures, places(pictures).stream().filter(chosen).map(Place::index).toList());
  }

  private static List<Place> places(List<TiledImage> pictures) {
    List<Place> places = new ArrayList<>();
    for (int frame = 0; frame < pictures.size(); frame++) {
      for (int tile = 0; tile < pictures.get(frame).tiles().size(); tile++) {
        places.add(new Place(places.size(), frame, pictures.get(frame), tile));
      }
    }
    return places;
  }

  /** One tile of one picture. */
  private record Place(int index, int frame, TiledImage picture, int tile) {
    boolean globalView() {
      return picture.tiles().get(tile).isGlobal();
    }
  }
}
