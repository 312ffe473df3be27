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
 * An entry of the catalogue: a method of any kind and what is to be known of it.
 *
 * @param name as plans call it
 * @param summary what stays, in a few words
 * @param action what it does, with its default parameters
 * @param points where it can act
 * @param budgeting what it makes of a budget
 * @param paper authors' title and arXiv id, or "none"
 * @param faithfulness how far it is the published method
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
          "a method's name is made of lower-case words joined by '-' but was '%s'".formatted(name));
    }
    if (points.isEmpty()) {
      throw new IllegalArgumentException("method '%s' acts at no point".formatted(name));
    }
    points = Set.copyOf(EnumSet.copyOf(points));
    Parameters.check(name, action.defaults());
  }

  /** A method of the caller's own, with an exact budget. */
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

  /** Where it can act, in the order in which a question passes the points, as plans write them. */
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

  /** Its parameters and their defaults, as plans write them, in order. */
  public Map<String, String> parameters() {
    return Parameters.all(action.defaults());
  }

  /**
   * Its step of a plan at a point.
   *
   * @param keep share that stays; left out where a method {@linkplain Budgeting#decidesItself
   *     decides itself}
   */
  public String step(Point point, double keep) {
    return point + ":" + name + (budgeting.decidesItself() ? "" : "(keep=" + keep + ")");
  }

  String wrongPoint(Point point) {
    return "'%s' acts at %s, not at '%s'".formatted(name, pointNames(), point);
  }

  /** What a method makes of a budget. */
  public enum Budgeting {
    /** Needs a ratio or count and keeps exactly that. */
    EXACT("exact"),
    /** Needs a ratio or count and may keep fewer. */
    AT_MOST("at most"),
    /** Needs a ratio and keeps about that, as near as the model's tiles allow. */
    ABOUT("about"),
    /** Decides by itself, input by input. */
    ADAPTIVE("decides itself"),
    /** Decides by itself, or keeps exactly the ratio or count that it is given. */
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

  /** Whether a method needs weights of its own. */
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

  /** How far a method is the published one. */
  public enum Faithfulness {
    AUTHORS_CODE("checked against the authors' code"),
    /**
     * An option, or a part of the method, gives the numbers of the authors' code; the default
     * differs, as its page says.
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
