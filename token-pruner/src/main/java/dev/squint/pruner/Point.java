package dev.squint.pruner;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A point on the way of a question where tokens may be reduced; ordered as a question passes them.
 *
 * <p>Printed as in a plan: "frames", "tiles", "encoder1" (inside the encoder, after 1 of its
 * layers), "encoder" (after all of it), "layer2" (in the decoder, after 2 of its layers), "decoder"
 * (in all of its layers), "cache".
 *
 * @param kind which of the points
 * @param layers for the points inside the encoder and the decoder, how many of its layers have run;
 *     otherwise 0
 */
public record Point(Kind kind, int layers) implements Comparable<Point> {
  /** Before the encoder: which frames of a video are looked at. */
  public static final Point FRAMES = new Point(Kind.FRAMES, 0);

  /** Before the encoder: which tiles are encoded at all. */
  public static final Point TILES = new Point(Kind.TILES, 0);

  /** After the encoder: which tokens the language model sees. */
  public static final Point ENCODER = new Point(Kind.ENCODER, 0);

  /** In every decoder layer at once: which tokens a layer processes at all. */
  public static final Point ALL_LAYERS = new Point(Kind.ALL_LAYERS, 0);

  /** After prefill and while decoding: what stays in the KV cache. */
  public static final Point CACHE = new Point(Kind.CACHE, 0);

  private static final Pattern TEXT = Pattern.compile("([a-z]+)([0-9]{0,4})");

  public Point {
    if (kind.numbered ? layers < 1 : layers != 0) {
      throw new IllegalArgumentException(
          kind.numbered
              ? "at least 1 layer runs before the point '%s' but it was %d".formatted(kind, layers)
              : "the point '%s' has no layer but was given %d".formatted(kind, layers));
    }
  }

  /** Inside the encoder, after so many of its layers. */
  public static Point insideEncoder(int layers) {
    return new Point(Kind.INSIDE_ENCODER, layers);
  }

  /**
   * Between decoder layers, after so many of them: layer2 means that layers 0 and 1 see all tokens.
   */
  public static Point decoder(int layers) {
    return new Point(Kind.DECODER, layers);
  }

  /**
   * Reads what {@link #toString} prints.
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
        "no point is called '%s'; there are frames, tiles, encoder1, encoder2, ..., encoder, layer1, layer2, ..., decoder, cache"
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

  /** The points, in the order in which a question passes them. */
  public enum Kind {
    FRAMES("frames", false),
    TILES("tiles", false),
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

    /** As in a plan, with K for the number of layers. */
    @Override
    public String toString() {
      return numbered ? word + "K" : word;
    }
  }
}
