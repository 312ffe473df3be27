package dev.squint.llm;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * After how many of its layers a decoder is cut, so that plans can act there; written {@code auto},
 * {@code none}, {@code every} or {@code 2,8,16}.
 *
 * @param mode how the cut points are chosen
 * @param layers the cut points of {@link Mode#LISTED}, ascending; 2 means after two layers
 */
public record Cuts(Mode mode, List<Integer> layers) {

  /** Wherever the plans need it: the decoder is cut again for a plan that needs more. */
  public static final Cuts AUTO = new Cuts(Mode.AUTO, List.of());

  /** Nowhere: plans cannot act between layers. */
  public static final Cuts NONE = new Cuts(Mode.NONE, List.of());

  /** After every layer. */
  public static final Cuts EVERY = new Cuts(Mode.EVERY, List.of());

  /** How the cut points are chosen. */
  public enum Mode {
    AUTO,
    NONE,
    EVERY,
    LISTED
  }

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException unless the cut points ascend from 1 or higher
   */
  public Cuts {
    layers = List.copyOf(layers);
    boolean ascends = List.copyOf(new TreeSet<>(layers)).equals(layers);
    if (!ascends || layers.stream().anyMatch(place -> place < 1)) {
      throw new IllegalArgumentException(
          "cuts must be numbers of layers that ascend from 1 but were " + layers);
    }
  }

  /**
   * Reads what {@link #toString} prints.
   *
   * @throws IllegalArgumentException saying what can be written
   */
  public static Cuts parse(String text) {
    return switch (text) {
      case "auto" -> AUTO;
      case "none" -> NONE;
      case "every" -> EVERY;
      default -> listed(text);
    };
  }

  private static Cuts listed(String text) {
    if (!text.matches("[0-9]{1,4}(,[0-9]{1,4})*")) {
      throw new IllegalArgumentException(
          "cuts must be auto, none, every or numbers of layers such as 2,8,16 but were '%s'"
              .formatted(text));
    }
    return new Cuts(
        Mode.LISTED, List.of(text.split(",", -1)).stream().map(Integer::valueOf).toList());
  }

  /** Whether a plan may act after this number of layers. */
  boolean allow(int place) {
    return switch (mode) {
      case AUTO, EVERY -> true;
      case NONE -> false;
      case LISTED -> layers.contains(place);
    };
  }

  /** Whether there are cut points that do not depend on plans. */
  boolean always() {
    return mode == Mode.EVERY || mode == Mode.LISTED;
  }

  /** The cut points that do not depend on plans, in a decoder with this number of layers. */
  List<Integer> fixed(int ofLayers) {
    return switch (mode) {
      case AUTO, NONE -> List.of();
      case EVERY -> IntStream.range(1, ofLayers).boxed().toList();
      case LISTED -> layers;
    };
  }

  @Override
  public String toString() {
    return switch (mode) {
      case AUTO -> "auto";
      case NONE -> "none";
      case EVERY -> "every";
      case LISTED -> layers.stream().map(String::valueOf).collect(Collectors.joining(","));
    };
  }
}
