package dev.squint.webapp.answering;

import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.Pruners;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.webapp.http.Refusal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
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

  /**
   * The plan of one method that acts after the encoder, or else before it.
   *
   * @param keep share of the visual tokens that stays, or null where the method decides
   * @param param what in the request holds it
   * @throws Refusal if there is no such method or it does not act there or needs a share
   */
  public static PruningPlan of(String method, @Nullable Double keep, String param) {
    Method<?> known;
    try {
      known = Pruners.all().get(method);
    } catch (IllegalArgumentException e) {
      throw invalid(param, String.valueOf(e.getMessage()));
    }
    if (known.name().equals("none")) {
      return PruningPlan.none();
    }
    String budget = keep == null ? "" : String.format(Locale.ROOT, "(keep=%s)", keep);
    Point point =
        known.points().contains(Point.Kind.ENCODER) || !known.points().contains(Point.Kind.TILES)
            ? Point.ENCODER
            : Point.TILES;
    return parse(point + ":" + known.name() + budget, param);
  }

  private static Refusal invalid(String param, String message) {
    return new Refusal(HttpStatus.BAD_REQUEST, "invalid_plan", param, message);
  }
}
