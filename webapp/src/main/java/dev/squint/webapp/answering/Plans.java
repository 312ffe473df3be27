package dev.squint.webapp.answering;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.webapp.http.ApiException;
import org.springframework.http.HttpStatus;

/** Parses the plans of requests. */
public final class Plans {

  private static final int MOST_CHARACTERS = 500;

  private Plans() {}

  /**
   * Parses a plan.
   *
   * @param param the field of the request that has it
   * @throws ApiException if it is not a plan
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

  static ApiException invalid(String param, String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, "invalid_plan", param, message);
  }
}
