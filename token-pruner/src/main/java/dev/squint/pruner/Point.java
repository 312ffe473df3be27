package dev.squint.pruner;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A point of the pipeline where tokens may be reduced. Points are ordered as the pipeline runs.
 *
 * <p>Printed as in a plan: "frames", "tiles", "patches", "encoder1" (inside the encoder, after 1 of
 * its layers), "encoder" (after all of it), "layer2" (in the decoder, after 2 of its layers),
 * "decoder" (in all of its layers), "cache".
 *
 * @param kind kind of the point
 * @param layers for points inside the encoder and the decoder, the number of layers that have run;
 *     otherwise 0
 */
public record Point(Kind kind, int layers) implements Comparable<Point> {
  /** Before the encoder: which frames of a video are encoded. */
  public static final Point FRAMES = new Point(Kind.FRAMES, 0);

  /** Before the encoder: which crops are encoded. */
  public static final Point TILES = new Point(Kind.TILES, 0);

  /**
   * Before the encoder's first layer: which groups of patches are encoded. A group is the patches
   * that become one visual token.
   */
  public static final Point PATCHES = new Point(Kind.PATCHES, 0);

  /** After the encoder: which tokens the language model sees. */
  public static final Point ENCODER = new Point(Kind.ENCODER, 0);

  /** In every decoder layer: which tokens the layer processes. */
  public static final Point ALL_LAYERS = new Point(Kind.ALL_LAYERS, 0);

  /** After prefill and while decoding: what is kept in the KV cache. */
  public static final Point CACHE = new Point(Kind.CACHE, 0);

  private static final Pattern TEXT = Pattern.compile("([a-z]+)([0-9]{0,4})");

  public Point {
    if (kind.numbered ? layers < 1 : layers != 0) {
      throw new IllegalArgumentException(
          kind.numbered
              ? "the point '%s' needs a number of layers of at least 1 but got %d"
                  .formatted(kind, layers)
              : "the point '%s' takes no number of layers but got %d".formatted(kind, layers));
    }
  }

  /** Inside the encoder, after this number of its layers. */
  public static Point insideEncoder(int layers) {
    return new Point(Kind.INSIDE_ENCODER, layers);
  }

  /**
   * Between decoder layers, after this number of layers: before layer2, layers 0 and 1 process all
   * tokens.
   */
  public static Point decoder(int layers) {
    return new Point(Kind.DECODER, layers);
  }

  /**
   * Parses the format of {@link #toString}.
   *
   * @throws IllegalArgumentException listing the points
   */
  public static Point parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (matcher.matches()) {
      boolean numbered = !matcher.group(2).isEmpty();
      for (Kind kind : Kind.values()) {
        if (kind.word.equals(matcher.group(1)) && kind.numbered == numbered) {
          return new Point(kind, numbered ? Integer.parseInt(matcher.group(2)) : 0);
        }
      }
    }
    throw new IllegalArgumentException(
        "no point is called '%s'; there are frames, tiles, patches, encoder1, encoder2, ..., encoder, layer1, layer2, ..., decoder, cache"
            .formatted(text));
  }

  @Override
  public int compareTo(Point other) {
    return Comparator.comparing(Point::kind).thenComparing(Point::layers).compare(this, other);
  }

  @Override
  public String toString() {
    return kind.numbered ? kind.word + layers : kind.word;
  }

  /** The kinds of points, in the order of the pipeline. */
  public enum Kind {
    FRAMES("frames", false),
    TILES("tiles", false),
    PATCHES("patches", false),
    INSIDE_ENCODER("encoder", true),
    ENCODER("encoder", false),
    DECODER("layer", true),
    ALL_LAYERS("decoder", false),
    CACHE("cache", false);

    private final String word;
    private final boolean numbered;

    Kind(String word, boolean numbered) {
      this.word = word;
      this.numbered = numbered;
    }

    /** As written in a plan, with K for the number of layers. */
    @Override
    public String toString() {
      return numbered ? word + "K" : word;
    }
  }
}
