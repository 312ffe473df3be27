package dev.squint.pruner;

import java.util.Set;

/** Which decoder layers have how many visual tokens; the same for every picture and question. */
public interface LayerSchedule {

  /** The evidence that its steps read. */
  Set<Evidence<?>> needs();

  /**
   * A plan with a step at each point where it may drop tokens, whatever their number.
   *
   * @param layers layers of the decoder, L
   * @throws IllegalArgumentException if the decoder has too few layers
   */
  String places(int layers);

  /**
   * The plan for a prompt, with steps at some of these points.
   *
   * @param layers layers of the decoder, L
   * @param tokens visual tokens that the decoder is given
   * @throws IllegalArgumentException if the decoder has too few layers
   */
  String plan(int layers, int tokens);

  /**
   * Checks which parameters a plan names.
   *
   * @throws IllegalArgumentException if they exclude each other
   */
  default void checkNamed(Set<String> parameters) {}
}
