package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An entry of the catalogue: a method with its points, budget, paper and other properties.
 *
 * @param name name in plans
 * @param summary what is kept, in a few words
 * @param action the action with its default parameters
 * @param points points where it can act
 * @param budgeting how it uses a budget
 * @param paper title and arXiv id, or "none"
 * @param faithfulness how closely it follows the published method
 */
public record Method(
    String name,
    String summary,
    Action action,
    Set<Point.Kind> points,
    Budgeting budgeting,
    String paper,
    Faithfulness faithfulness) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  public Method {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a method's name must be lower-case words joined by '-' but was '%s'".formatted(name));
    }
    if (points.isEmpty()) {
      throw new IllegalArgumentException(
          "method '%s' must act at one point at least but has none".formatted(name));
    }
    points = Set.copyOf(EnumSet.copyOf(points));
    Parameters.check(name, action.defaults());
  }

  /** Creates an entry for the caller's own method, with an exact budget. */
  public static <S extends TokenSet> Method own(
      String name, Class<S> actsOn, Pruner<S> method, Point.Kind... points) {
    return new Method(
        name,
        "own method",
        new Action.Tokens<>(actsOn, method),
        Set.of(points),
        Budgeting.EXACT,
        "none",
        Faithfulness.OWN);
  }

  /** Points where it can act, as written in plans, in the order of the pipeline. */
  public List<String> pointNames() {
    return points.stream().sorted().map(Point.Kind::toString).toList();
  }

  /** The evidence that it reads with its default parameters. */
  public Set<Evidence<?>> needs() {
    return action.needs();
  }

  /** Whether it needs trained weights. */
  public Training training() {
    return action.training();
  }

  /** Its parameters and their defaults, as written in plans, in order. */
  public Map<String, String> parameters() {
    return Parameters.all(action.defaults());
  }

  /**
   * A step of a plan with this method at a point.
   *
   * @param keep share to keep; ignored for a method that {@linkplain Budgeting#decidesItself
   *     chooses the number}
   */
  public String step(Point point, double keep) {
    return point + ":" + name + (budgeting.decidesItself() ? "" : "(keep=" + keep + ")");
  }

  String wrongPoint(Point point) {
    return "'%s' acts at %s, not at '%s'".formatted(name, pointNames(), point);
  }

  /** How a method uses a budget. */
  public enum Budgeting {
    /** Needs a ratio or count and keeps exactly that. */
    EXACT("exact"),
    /** Needs a ratio or count and may keep fewer. */
    AT_MOST("at most"),
    /** Needs a ratio and keeps about that, as closely as the model's tiles allow. */
    ABOUT("about"),
    /** Chooses the number for each input. */
    ADAPTIVE("decides itself"),
    /** Chooses the number for each input, or keeps exactly a given ratio or count. */
    EITHER("decides itself, or exact");

    private final String text;

    Budgeting(String text) {
      this.text = text;
    }

    boolean allows(Budget budget) {
      boolean adaptive = budget instanceof Budget.Adaptive;
      return switch (this) {
        case EXACT, AT_MOST -> !adaptive;
        case ABOUT -> budget instanceof Budget.Ratio;
        case ADAPTIVE -> adaptive;
        case EITHER -> true;
      };
    }

    /** Whether a plan may leave the budget out. */
    public boolean decidesItself() {
      return this == ADAPTIVE || this == EITHER;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Whether a method needs trained weights. */
  public enum Training {
    FREE("training-free"),
    TRAINED("trained");

    private final String text;

    Training(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** How closely a method follows its publication. */
  public enum Faithfulness {
    AUTHORS_CODE("checked against the authors' code"),
    /**
     * An option, or a part of the method, gives the numbers of the authors' code; the default
     * differs, as the documentation says.
     */
    PARTLY("checked against the authors' code in part or as an option; the default differs"),
    OUR_READING("our reading of the paper"),
    BASELINE("baseline"),
    OWN("own method");

    private final String text;

    Faithfulness(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
