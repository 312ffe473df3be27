package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads a template's text and blocks. */
final class StatementParser {

  private static final Set<String> REFUSED =
      Set.of("autoescape", "block", "extends", "from", "import", "include");

  private static final int DEEPEST = 100;

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private final TargetParser assigned;
  private int depth;
  private int loops;

  private StatementParser(TokenStream tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
    this.assigned = new TargetParser(tokens);
  }

  static List<Statement> read(String source) {
    StatementParser parser = new StatementParser(new TokenStream(Lexer.read(source)));
    return parser.body();
  }

  // Up to one of the ends, whose name is then the next token; without ends, the whole template.
  private List<Statement> body(String... ends) {
    if (++depth > DEEPEST) {
      throw tokens.failure("blocks are nested more than %d deep".formatted(DEEPEST));
    }
    List<Statement> body = new ArrayList<>();
    while (!tokens.is(Kind.END)) {
      switch (tokens.now().kind()) {
        case DATA -> body.add(new Statement.Text(tokens.take().text()));
        case PRINT_BEGIN -> {
          tokens.take();
          body.add(new Statement.Print(expressions.tuple(true, false)));
          tokens.expect(Kind.PRINT_END, "'}}'");
        }
        default -> {
          tokens.expect(Kind.BLOCK_BEGIN, "a block");
          for (String end : ends) {
            if (tokens.isName(end)) {
              depth--;
              return body;
            }
          }
          statement(body);
          tokens.expect(Kind.BLOCK_END, "'%}'");
        }
      }
    }
    if (ends.length > 0) {
      throw tokens.failure("expected '%s' before the end".formatted(String.join("' or '", ends)));
    }
    depth--;
    return body;
  }

  // After the head of a block: its body, with the next token the end's name.
  private List<Statement> inside(String... ends) {
    tokens.skipOperator(":");
    tokens.expect(Kind.BLOCK_END, "'%}'");
    return body(ends);
  }

  private List<Statement> whole(String end) {
    List<Statement> body = inside(end);
    tokens.take();
    return body;
  }

  // Code that Python runs as a function of its own, from which no loop outside can be left.
  private Block separate(String end) {
    int outside = loops;
    loops = 0;
    Block body = new Block(whole(end));
    loops = outside;
    return body;
  }

  private Block.Filtered filtered(boolean named, String end) {
    return new Block.Filtered(expressions.filterChain(named), new Block(whole(end)));
  }

  private void statement(List<Statement> body) {
    String name = tokens.expect(Kind.NAME, "the name of a block").text();
    if (REFUSED.contains(name)) {
      throw Failure.unsupported("{%% %s %%}".formatted(name));
    }
    switch (name) {
      case "print" -> print(body);
      case "for" -> body.add(loop());
      case "if" -> body.add(condition());
      case "set" -> body.add(set());
      case "with" -> body.add(with());
      case "macro" -> body.add(macro());
      case "call" -> body.add(call());
      case "filter" -> body.add(new Blocks.FilterBlock(filtered(true, "endfilter")));
      case "generation" -> body.add(new Blocks.Generation(separate("endgeneration")));
      case "break" -> body.add(leave(Statement.Flow.BREAK));
      case "continue" -> body.add(leave(Statement.Flow.CONTINUE));
      default -> throw tokens.failure("unknown block '%s'".formatted(name));
    }
  }

  private void print(List<Statement> body) {
    boolean first = true;
    while (!tokens.is(Kind.BLOCK_END)) {
      if (!first) {
        tokens.expectOperator(",");
      }
      body.add(new Statement.Print(expressions.expression(true)));
      first = false;
    }
  }

  private Statement leave(Statement.Flow how) {
    if (loops == 0) {
      throw tokens.failure("break or continue outside of a loop");
    }
    return new Statement.Leave(how);
  }

  private Statement loop() {
    Target target = assigned.target(false, "in");
    tokens.expectName("in");
    Expr items = expressions.tuple(false, false, "recursive");
    Expr test = tokens.skipName("if") ? expressions.expression(true) : null;
    boolean recursive = tokens.skipName("recursive");
    int outside = loops;
    // The body of a recursive loop is a function of its own, and so is its else.
    loops = 1;
    List<Statement> body = inside("endfor", "else");
    loops = recursive ? 0 : outside;
    List<Statement> otherwise =
        tokens.take().isName("else") ? whole("endfor") : List.<Statement>of();
    loops = outside;
    return new Statement.For(target, items, test, recursive, new Block(body), new Block(otherwise));
  }

  private Statement condition() {
    Expr test = expressions.tuple(false, false);
    List<Statement> body = inside("elif", "else", "endif");
    List<Statement.If> others = new ArrayList<>();
    List<Statement> otherwise = List.of();
    while (true) {
      Token end = tokens.take();
      if (end.isName("elif")) {
        Expr other = expressions.tuple(false, false);
        others.add(new Statement.If(other, inside("elif", "else", "endif"), List.of(), List.of()));
        continue;
      }
      if (end.isName("else")) {
        otherwise = whole("endif");
      }
      return new Statement.If(test, body, others, otherwise);
    }
  }

  private Statement set() {
    Target target = assigned.target(true);
    if (tokens.skipOperator("=")) {
      return new Statement.Set(target, expressions.tuple(true, false));
    }
    return new Blocks.SetBlock(target, filtered(false, "endset"));
  }

  private Statement with() {
    List<Target> targets = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!tokens.is(Kind.BLOCK_END)) {
      if (!targets.isEmpty()) {
        tokens.expectOperator(",");
      }
      targets.add(new Expr.Name(assigned.name()));
      tokens.expectOperator("=");
      values.add(expressions.expression(true));
    }
    return new Blocks.With(targets, values, new Block(whole("endwith")));
  }

  private Statement macro() {
    String name = assigned.name();
    List<String> parameters = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    signature(parameters, defaults);
    return new Blocks.Macro(name, new Signature(parameters, defaults, separate("endmacro")));
  }

  private Statement call() {
    List<String> parameters = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    if (tokens.isOperator("(")) {
      signature(parameters, defaults);
    }
    Expr.Call call = expressions.call();
    if (call == null) {
      throw tokens.failure("expected call");
    }
    return new Blocks.CallBlock(call, new Signature(parameters, defaults, separate("endcall")));
  }

  private void signature(List<String> parameters, List<Expr> defaults) {
    tokens.expectOperator("(");
    while (!tokens.isOperator(")")) {
      if (!parameters.isEmpty()) {
        tokens.expectOperator(",");
      }
      String name = assigned.name();
      if (Set.of("caller", "kwargs", "varargs").contains(name) || parameters.contains(name)) {
        throw Failure.unsupported("a parameter of the name '%s'".formatted(name));
      }
      parameters.add(name);
      if (tokens.skipOperator("=")) {
        defaults.add(expressions.expression(true));
      } else if (!defaults.isEmpty()) {
        throw tokens.failure("non-default argument follows default argument");
      }
    }
    tokens.expectOperator(")");
  }
}
