package dev.squint.llm.jinja;

import java.util.List;

/** Expressions that combine values. */
final class Operators {

  private Operators() {}

  /** {@code not value}. */
  record Not(Expr value) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      return !Values.isTrue(value.evaluate(run, scope));
    }

    @Override
    public List<Expr> parts() {
      return List.of(value);
    }
  }

  /** {@code and} or {@code or}: one of the two values, the second read only if it decides. */
  record Either(boolean and, Expr left, Expr right) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      Object first = left.evaluate(run, scope);
      return Values.isTrue(first) == and ? right.evaluate(run, scope) : first;
    }

    @Override
    public List<Expr> parts() {
      return List.of(left, right);
    }
  }

  /** {@code -value} or {@code +value}. */
  record Signed(boolean minus, Expr value) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      Object of = value.evaluate(run, scope);
      return minus ? Arithmetic.negate(of) : Arithmetic.positive(of);
    }

    @Override
    public List<Expr> parts() {
      return List.of(value);
    }
  }

  /** {@code left operator right} for {@code + - * / // % **}. */
  record Arithmetical(String operator, Expr left, Expr right) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      run.limit().step();
      Object first = left.evaluate(run, scope);
      return Arithmetic.of(run, operator, first, right.evaluate(run, scope));
    }

    @Override
    public List<Expr> parts() {
      return List.of(left, right);
    }
  }

  /** {@code a ~ b}: the values as text, one after the other. */
  record Concatenation(List<Expr> parts) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      StringBuilder out = new StringBuilder();
      for (Expr part : parts) {
        String text = Printing.str(part.evaluate(run, scope));
        run.limit().make(text.length());
        out.append(text);
      }
      return out.toString();
    }
  }

  /**
   * {@code a < b <= c}: each pair compared until one does not hold.
   *
   * @param parts the values
   * @param operators what stands between them
   */
  record Comparison(List<Expr> parts, List<String> operators) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      run.limit().step();
      Object left = parts.get(0).evaluate(run, scope);
      for (int i = 0; i < operators.size(); i++) {
        Object right = parts.get(i + 1).evaluate(run, scope);
        run.limit().read(right);
        if (!holds(operators.get(i), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }
  }

  /** Whether {@code left operator right}. */
  static boolean holds(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> Values.areEqual(left, right);
      case "!=" -> !Values.areEqual(left, right);
      case "<" -> Values.isLess(left, right);
      case ">" -> Values.isLess(right, left);
      case "<=" -> isLessOrEqual(left, right);
      case ">=" -> isLessOrEqual(right, left);
      case "in" -> Values.isIn(left, right);
      case "not in" -> !Values.isIn(left, right);
      default -> throw Failure.unsupported("the operator " + operator);
    };
  }

  private static boolean isLessOrEqual(Object left, Object right) {
    // Both are asked for, so that values without an order are refused.
    return Values.isLess(left, right) || Values.areEqual(left, right);
  }
}
