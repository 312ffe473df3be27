package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads expressions, with Jinja2's order of operators. */
final class ExpressionParser {

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");
  private static final Expr NOTHING = new Expr.Constant(None.NONE);
  private static final int DEEPEST = 200;

  private final TokenStream tokens;
  private int depth;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** An expression, with or without {@code a if b else c} at its top. */
  Expr expression(boolean withChoice) {
    if (++depth > DEEPEST) {
      throw tokens.failure("an expression is nested more than %d deep".formatted(DEEPEST));
    }
    Expr read = withChoice ? choice() : or();
    depth--;
    return read;
  }

  /** An expression, or several with commas between them, which are a tuple. */
  Expr tuple(boolean withChoice, boolean inParentheses, String... ends) {
    List<Expr> parts = new ArrayList<>();
    boolean several = false;
    while (!tokens.endsTuple(ends)) {
      parts.add(expression(withChoice));
      if (!tokens.skipOperator(",")) {
        break;
      }
      several = true;
    }
    if (several || (parts.isEmpty() && inParentheses)) {
      return new Expr.TupleOf(parts);
    }
    if (parts.isEmpty()) {
      throw tokens.failure("expected an expression, got '%s'".formatted(tokens.now().shown()));
    }
    return parts.get(0);
  }

  private Expr choice() {
    Expr value = or();
    while (tokens.skipName("if")) {
      Expr test = or();
      Expr otherwise =
          tokens.skipName("else")
              ? choice()
              : new Expr.Constant(
                  new Undefined(
                      "the inline if-expression on line %d evaluated to false and no else section was defined."
                          .formatted(tokens.now().line())));
      value = new Expr.Choice(test, value, otherwise);
    }
    return value;
  }

  private Expr or() {
    Expr left = and();
    while (tokens.skipName("or")) {
      left = new Operators.Either(false, left, and());
    }
    return left;
  }

  private Expr and() {
    Expr left = not();
    while (tokens.skipName("and")) {
      left = new Operators.Either(true, left, not());
    }
    return left;
  }

  private Expr not() {
    if (!tokens.skipName("not")) {
      return comparison();
    }
    if (++depth > DEEPEST) {
      throw tokens.failure("an expression is nested more than %d deep".formatted(DEEPEST));
    }
    Expr negated = new Operators.Not(not());
    depth--;
    return negated;
  }

  private Expr comparison() {
    List<Expr> parts = new ArrayList<>();
    List<String> operators = new ArrayList<>();
    parts.add(sum());
    while (true) {
      if (tokens.is(Kind.OPERATOR) && COMPARISONS.contains(tokens.now().text())) {
        operators.add(tokens.take().text());
      } else if (tokens.skipName("in")) {
        operators.add("in");
      } else if (tokens.isName("not") && tokens.ahead().isName("in")) {
        tokens.take();
        tokens.take();
        operators.add("not in");
      } else {
        return operators.isEmpty()
            ? parts.get(0)
            : new Operators.Comparison(List.copyOf(parts), List.copyOf(operators));
      }
      parts.add(sum());
    }
  }

  private Expr sum() {
    Expr left = concatenation();
    while (tokens.isOperator("+") || tokens.isOperator("-")) {
      String operator = tokens.take().text();
      left = new Operators.Arithmetical(operator, left, concatenation());
    }
    return left;
  }

  private Expr concatenation() {
    List<Expr> parts = new ArrayList<>();
    do {
      parts.add(product());
    } while (tokens.skipOperator("~"));
    return parts.size() == 1 ? parts.get(0) : new Operators.Concatenation(parts);
  }

  private Expr product() {
    Expr left = power();
    while (tokens.is(Kind.OPERATOR) && PRODUCTS.contains(tokens.now().text())) {
      String operator = tokens.take().text();
      left = new Operators.Arithmetical(operator, left, power());
    }
    return left;
  }

  private Expr power() {
    Expr left = unary(true);
    while (tokens.skipOperator("**")) {
      left = new Operators.Arithmetical("**", left, unary(true));
    }
    return left;
  }

  private Expr unary(boolean withFilters) {
    Expr value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      boolean minus = tokens.take().text().equals("-");
      if (++depth > DEEPEST) {
        throw tokens.failure("an expression is nested more than %d deep".formatted(DEEPEST));
      }
      value = new Operators.Signed(minus, unary(false));
      depth--;
    } else {
      value = primary();
    }
    value = postfix(value);
    return withFilters ? filters(value) : value;
  }

  private Expr primary() {
    Token token = tokens.now();
    switch (token.kind()) {
      case NAME -> {
        tokens.take();
        return switch (token.text()) {
          case "true", "True" -> new Expr.Constant(true);
          case "false", "False" -> new Expr.Constant(false);
          case "none", "None" -> NOTHING;
          default -> new Expr.Name(token.text());
        };
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (tokens.is(Kind.STRING)) {
          text.append(tokens.take().text());
        }
        return new Expr.Constant(text.toString());
      }
      case INTEGER, FLOAT -> {
        return new Expr.Constant(tokens.take().value());
      }
      default -> {}
    }
    if (tokens.skipOperator("(")) {
      if (++depth > DEEPEST) {
        throw tokens.failure("an expression is nested more than %d deep".formatted(DEEPEST));
      }
      Expr inside = tuple(true, true);
      depth--;
      tokens.expectOperator(")");
      return inside;
    }
    if (tokens.skipOperator("[")) {
      return new Expr.ListOf(items("]", false));
    }
    if (tokens.skipOperator("{")) {
      return new Expr.DictOf(items("}", true));
    }
    throw tokens.failure("unexpected '%s'".formatted(token.shown()));
  }

  private List<Expr> items(String end, boolean pairs) {
    List<Expr> items = new ArrayList<>();
    while (!tokens.isOperator(end)) {
      items.add(expression(true));
      if (pairs) {
        tokens.expectOperator(":");
        items.add(expression(true));
      }
      if (!tokens.isOperator(end)) {
        tokens.expectOperator(",");
      }
    }
    tokens.expectOperator(end);
    return items;
  }

  private Expr postfix(Expr start) {
    Expr value = start;
    while (true) {
      if (tokens.skipOperator(".")) {
        value = dotted(value);
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.isOperator("(")) {
        value = new Expr.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expr dotted(Expr value) {
    Token name = tokens.take();
    if (name.kind() == Kind.NAME) {
      return new Expr.Attribute(value, name.text());
    }
    if (name.kind() != Kind.INTEGER) {
      throw tokens.failure("expected name or number");
    }
    return new Expr.Item(value, new Expr.Constant(name.value()));
  }

  private Expr subscript(Expr value) {
    List<Expr> parts = new ArrayList<>();
    while (!tokens.isOperator("]")) {
      if (!parts.isEmpty()) {
        tokens.expectOperator(",");
      }
      parts.add(subscribed());
    }
    tokens.expectOperator("]");
    return new Expr.Item(value, parts.size() == 1 ? parts.get(0) : new Expr.TupleOf(parts));
  }

  private Expr subscribed() {
    Expr from = NOTHING;
    if (!tokens.isOperator(":")) {
      from = expression(true);
      if (!tokens.isOperator(":")) {
        return from;
      }
    }
    tokens.expectOperator(":");
    Expr to = tokens.isOperator(":") || endsPart() ? NOTHING : expression(true);
    Expr by = tokens.skipOperator(":") && !endsPart() ? expression(true) : NOTHING;
    return new Expr.SliceOf(from, to, by);
  }

  private boolean endsPart() {
    return tokens.isOperator("]") || tokens.isOperator(",");
  }

  private ArgumentList arguments() {
    tokens.expectOperator("(");
    List<Expr> positional = new ArrayList<>();
    Map<String, Expr> named = new LinkedHashMap<>();
    Expr all = null;
    Expr byName = null;
    boolean first = true;
    while (!tokens.isOperator(")")) {
      if (!first) {
        tokens.expectOperator(",");
        if (tokens.isOperator(")")) {
          break;
        }
      }
      first = false;
      if (tokens.skipOperator("*")) {
        require(all == null && byName == null);
        all = expression(true);
      } else if (tokens.skipOperator("**")) {
        require(byName == null);
        byName = expression(true);
      } else if (tokens.is(Kind.NAME) && tokens.ahead().isOperator("=")) {
        require(byName == null);
        String name = tokens.take().text();
        tokens.take();
        require(named.put(name, expression(true)) == null);
      } else {
        require(all == null && byName == null && named.isEmpty());
        positional.add(expression(true));
      }
    }
    tokens.expectOperator(")");
    return new ArgumentList(positional, named, all, byName);
  }

  private void require(boolean valid) {
    if (!valid) {
      throw tokens.failure("invalid syntax for function call expression");
    }
  }

  private Expr filters(Expr start) {
    Expr value = start;
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.isOperator("(")) {
        value = new Expr.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  /** A filter of a value, after its bar. */
  Expr.Filtered filter(Expr value) {
    String name = tokens.expect(Kind.NAME, "the name of a filter").text();
    if (tokens.isOperator(".")) {
      throw tokens.failure("No filter named '%s.%s'.".formatted(name, tokens.ahead().text()));
    }
    Filters.requireSupported(name);
    if (!Filters.exists(name)) {
      throw tokens.failure("No filter named '%s'.".formatted(name));
    }
    return new Expr.Filtered(value, name, tokens.isOperator("(") ? arguments() : ArgumentList.NONE);
  }

  private Expr test(Expr value) {
    boolean negated = tokens.skipName("not");
    String name = tokens.expect(Kind.NAME, "the name of a test").text();
    if (!Tests.exists(name)) {
      throw tokens.failure("No test named '%s'.".formatted(name));
    }
    ArgumentList given = ArgumentList.NONE;
    if (tokens.isOperator("(")) {
      given = arguments();
    } else if (tokens.startsArgument()) {
      if (tokens.isName("is")) {
        throw tokens.failure("You cannot chain multiple tests with is");
      }
      given = new ArgumentList(List.of(postfix(primary())), Map.of(), null, null);
    }
    Expr test = new Expr.Tested(value, name, given);
    return negated ? new Operators.Not(test) : test;
  }

  /** The filters after a bar, innermost first; they are given a value later. */
  List<Expr.Filtered> filterChain(boolean begun) {
    List<Expr.Filtered> filters = new ArrayList<>();
    boolean next = begun || tokens.skipOperator("|");
    while (next) {
      filters.add(filter(NOTHING));
      next = tokens.skipOperator("|");
    }
    return filters;
  }

  /** The call of a {@code call} block. */
  Expr.@Nullable Call call() {
    return expression(true) instanceof Expr.Call call ? call : null;
  }
}
