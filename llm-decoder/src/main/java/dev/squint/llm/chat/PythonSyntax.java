package dev.squint.llm.chat;

import com.google.common.collect.Lists;
import com.hubspot.jinjava.el.ExtendedSyntaxBuilder;
import com.hubspot.jinjava.el.ext.AstRangeBracket;
import com.hubspot.jinjava.el.ext.ExtendedParser;
import com.hubspot.jinjava.el.ext.NamedParameterOperator;
import com.hubspot.jinjava.objects.collections.PyList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.impl.Builder;
import jinjava.de.odysseus.el.tree.impl.Parser;
import jinjava.de.odysseus.el.tree.impl.Scanner;
import jinjava.de.odysseus.el.tree.impl.Scanner.Symbol;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELException;
import org.jspecify.annotations.Nullable;

/**
 * Jinjava's expressions with two more rules of Python. In {@code f(a = b|length - 1)} the value of
 * {@code a} is the whole of {@code b|length - 1}, where Jinjava takes {@code b|length}; and {@code
 * list[::-1]} is the list from its end to its beginning.
 */
public final class PythonSyntax extends ExtendedSyntaxBuilder {

  private static final long serialVersionUID = 1L;

  /** Made by Jinjava from the class name. */
  public PythonSyntax() {}

  /** Made by Jinjava from the class name, with the features that it wants. */
  public PythonSyntax(Builder.Feature... features) {
    super(features);
  }

  @Override
  protected Parser createParser(String expression) {
    return new PythonParser(this, expression);
  }

  private static final class PythonParser extends ExtendedParser {

    private boolean reversing;

    PythonParser(Builder context, String input) {
      super(context, input);
    }

    @Override
    protected @Nullable AstNode expr(boolean required)
        throws Scanner.ScanException, ParseException {
      if (getToken().getSymbol() == Symbol.IDENTIFIER
          && lookahead(0) == NamedParameterOperator.TOKEN) {
        AstNode name = identifier(consumeToken().getImage());
        consumeToken();
        return NamedParameterOperator.HANDLER.createAstNode(name, expr(true));
      }
      // The parser asks for the start of a slice, then for its end: at the first colon, then at the
      // second.
      if (!required && isColon(getToken())) {
        if (reversing) {
          consumeToken();
          consumeToken(Symbol.MINUS);
          if (!consumeToken(Symbol.INTEGER).getImage().equals("1")) {
            throw new ELException("a slice may have the step -1 only");
          }
          return null;
        }
        reversing = isColon(lookahead(0));
      }
      return super.expr(required);
    }

    private static boolean isColon(Scanner.Token token) {
      return token.getSymbol() == Symbol.COLON && token.getImage().equals(":");
    }

    @Override
    protected AstRangeBracket createAstRangeBracket(
        AstNode base, AstNode start, AstNode end, boolean lvalue, boolean strict) {
      if (reversing) {
        reversing = false;
        return new Reversed(base, lvalue, strict);
      }
      return super.createAstRangeBracket(base, start, end, lvalue, strict);
    }
  }

  private static final class Reversed extends AstRangeBracket {

    private final AstNode base;

    @SuppressWarnings("NullAway") // The superclass takes an absent start and end as null.
    Reversed(AstNode base, boolean lvalue, boolean strict) {
      super(base, null, null, lvalue, strict, false);
      this.base = base;
    }

    @Override
    public Object eval(Bindings bindings, ELContext context) {
      Object value = base.eval(bindings, context);
      if (value instanceof Collection<?> items) {
        List<Object> forward = new ArrayList<>(items);
        return new PyList(new ArrayList<>(Lists.reverse(forward)));
      }
      return new StringBuilder(String.valueOf(value)).reverse().toString();
    }
  }
}
