package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Token.Kind;
import java.util.List;

/** Tokens read one after the other. */
final class TokenStream {

  private final List<Token> tokens;
  private int at;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token now() {
    return tokens.get(Math.min(at, tokens.size() - 1));
  }

  Token ahead() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token take() {
    Token token = now();
    at++;
    return token;
  }

  boolean is(Kind kind) {
    return now().kind() == kind;
  }

  boolean isOperator(String operator) {
    return now().isOperator(operator);
  }

  boolean isName(String name) {
    return now().isName(name);
  }

  boolean skipOperator(String operator) {
    boolean there = isOperator(operator);
    at += there ? 1 : 0;
    return there;
  }

  boolean skipName(String name) {
    boolean there = isName(name);
    at += there ? 1 : 0;
    return there;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw failure("expected '%s', got '%s'".formatted(operator, now().shown()));
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw failure("expected '%s', got '%s'".formatted(name, now().shown()));
    }
  }

  Token expect(Kind kind, String what) {
    if (!is(kind)) {
      throw failure("expected %s, got '%s'".formatted(what, now().shown()));
    }
    return take();
  }

  /** Whether a tuple ends here: at the end of a tag, a parenthesis or one of these names. */
  boolean endsTuple(String... ends) {
    if (is(Kind.PRINT_END) || is(Kind.BLOCK_END) || isOperator(")")) {
      return true;
    }
    for (String end : ends) {
      if (isName(end)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the argument of a test without parentheses starts here. */
  boolean startsArgument() {
    Token next = now();
    boolean operator = next.isOperator("[") || next.isOperator("{");
    boolean word =
        next.kind() == Kind.NAME
            && !next.isName("else")
            && !next.isName("or")
            && !next.isName("and");
    boolean literal =
        next.kind() == Kind.STRING || next.kind() == Kind.INTEGER || next.kind() == Kind.FLOAT;
    return operator || word || literal;
  }

  IllegalArgumentException failure(String what) {
    return new IllegalArgumentException("line %d: %s".formatted(now().line(), what));
  }
}
