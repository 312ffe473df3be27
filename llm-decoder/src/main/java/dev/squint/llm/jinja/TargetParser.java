package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads what a value is assigned to. */
record TargetParser(TokenStream tokens) {

  /** Names, or tuples of names, that a value is assigned to. */
  Target target(boolean withMembers, String... ends) {
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    while (!tokens.endsTuple(ends)) {
      targets.add(oneTarget(withMembers));
      if (!tokens.skipOperator(",")) {
        break;
      }
      several = true;
    }
    if (targets.isEmpty() && !several) {
      throw tokens.failure("expected a name, got '%s'".formatted(tokens.now().shown()));
    }
    return several ? new Target.Several(targets) : targets.get(0);
  }

  private Target oneTarget(boolean withMembers) {
    if (tokens.skipOperator("(")) {
      Target inside = target(false);
      tokens.expectOperator(")");
      return inside;
    }
    String name = name();
    if (withMembers && tokens.skipOperator(".")) {
      return new Target.Member(name, tokens.expect(Kind.NAME, "a name").text());
    }
    return new Expr.Name(name);
  }

  /** A name that can be assigned to. */
  String name() {
    String name = tokens.expect(Kind.NAME, "a name").text();
    if (Set.of("true", "false", "none", "True", "False", "None").contains(name)) {
      throw tokens.failure("can't assign to '%s'".formatted(name));
    }
    if (Set.of("loop", "self", "super").contains(name)) {
      throw Failure.unsupported("assigning to '%s'".formatted(name));
    }
    return name;
  }
}
