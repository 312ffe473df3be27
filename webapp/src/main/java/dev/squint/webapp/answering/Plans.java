package dev.squint.webapp.answering;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.webapp.http.Refusal;
import org.springframework.http.HttpStatus;

/** Reads plans as requests write them. */
public final class Plans {

  private static final int MOST_CHARACTERS = 500;

  private Plans() {}

  /**
   * Reads a plan in one line.
   *
   * @param param what in the request holds it
   * @throws Refusal if it is none
   */
  public static PruningPlan parse(String text, String param) {
    if (text.length() > MOST_CHARACTERS) {
      throw invalid(
          param,
          "a plan may have %d characters but has %d".formatted(MOST_CHARACTERS, text.length()));
    }
    try {
      return PruningPlan.parse(text);
    } catch (IllegalArgumentException e) {
      throw invalid(param, String.valueOf(e.getMessage()));
    }
  }

  static Refusal invalid(String param, String message) {
    return new Refusal(HttpStatus.BAD_REQUEST, "invalid_plan", param, message);
  }
}
