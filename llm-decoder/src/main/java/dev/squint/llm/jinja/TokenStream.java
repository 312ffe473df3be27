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

  IllegalArgumentException failure(String what) {
    return new IllegalArgumentException("line %d: %s".formatted(now().line(), what));
  }
}
