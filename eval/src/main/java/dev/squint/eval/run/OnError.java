package dev.squint.eval.run;

/** What a run does with a question that cannot be asked. */
public enum OnError {
  /** It ends; before the first question if a picture is missing or damaged. */
  STOP,
  /** It logs the reason in place of an answer, which counts as wrong, and continues. */
  SKIP
}
