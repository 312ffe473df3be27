package dev.squint.pruner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The crops of a request's pictures before they are encoded, one token per crop, [C, 6]: for each
 * colour the least and the greatest pixel value. A dropped crop is not encoded. Global views are
 * not included, because they are always encoded.
 */
public final class CropTokens extends TokenSet {
  private static final int COLOURS = 3;

  private final List<Place> places;

  private CropTokens(
      Matrix extremes,
      List<Tile> tiles,
      List<TokenPosition> positions,
      int[] patches,
      EvidenceSet observed,
      List<Place> places) {
    super(extremes, tiles, positions, patches, observed);
    this.places = List.copyOf(places);
  }

  /**
   * The area of its picture that a crop shows, as shares of height and width; below 0 or above 1
   * where the crop is padded.
   */
  public record Place(double top, double left, double bottom, double right) {}

  /**
   * A crop that a plan may encode or drop.
   *
   * @param frame picture or video frame, counted over the request
   * @param crop its row and column among the crops of its picture
   * @param place the area that it shows
   * @param extremes least and greatest value of the first colour, then of the others, [6]
   */
  public record Candidate(int frame, Tile.Crop crop, Place place, float[] extremes) {}

  /** All crops of a request, in the order of the prompt; the list may be empty. */
  public static CropTokens of(List<Candidate> candidates) {
    int n = candidates.size();
    float[] extremes = new float[n * 2 * COLOURS];
    List<Tile> tiles = new ArrayList<>();
    List<TokenPosition> positions = new ArrayList<>();
    for (int c = 0; c < n; c++) {
      Candidate candidate = candidates.get(c);
      System.arraycopy(candidate.extremes(), 0, extremes, c * 2 * COLOURS, 2 * COLOURS);
      tiles.add(Tile.crop(candidate.frame(), 1, 1, candidate.crop()));
      positions.add(new TokenPosition(candidate.frame(), c, 0, 0));
    }
    int[] patches = new int[n];
    Arrays.fill(patches, 1);
    return new CropTokens(
        new Matrix(n, 2 * COLOURS, extremes),
        tiles,
        positions,
        patches,
        EvidenceSet.nothing(),
        candidates.stream().map(Candidate::place).toList());
  }

  /** The area of its picture that each crop shows, [C]. */
  public List<Place> places() {
    return places;
  }

  /** Range of the pixel values of a crop: the largest over the colours. */
  public float range(int crop) {
    float range = 0;
    for (int colour = 0; colour < COLOURS; colour++) {
      range =
          Math.max(range, features().get(crop, 2 * colour + 1) - features().get(crop, 2 * colour));
    }
    return range;
  }

  /** Range of the pixel values of several crops together: the largest over the colours. */
  public float range(int[] crops) {
    float range = 0;
    for (int colour = 0; colour < COLOURS; colour++) {
      float least = Float.POSITIVE_INFINITY;
      float greatest = Float.NEGATIVE_INFINITY;
      for (int crop : crops) {
        least = Math.min(least, features().get(crop, 2 * colour));
        greatest = Math.max(greatest, features().get(crop, 2 * colour + 1));
      }
      range = Math.max(range, greatest - least);
    }
    return range;
  }

  /** The same crops with one more piece of evidence, such as the global views. */
  public <V> CropTokens with(Evidence<V> kind, V value) {
    return new CropTokens(
        features(), tiles(), positions(), patches(), observed().with(kind, value), places);
  }

  @Override
  public CropTokens reduced(TokenReduction reduction) {
    return new CropTokens(
        reduction.apply(features()),
        tiles(),
        reduction.pick(positions()),
        reduction.sum(patches()),
        observed().reduced(reduction),
        reduction.pick(places));
  }

  @Override
  public CropTokens showingOnly(Set<Evidence<?>> kinds) {
    return new CropTokens(
        features(), tiles(), positions(), patches(), observed().only(kinds), places);
  }
}
