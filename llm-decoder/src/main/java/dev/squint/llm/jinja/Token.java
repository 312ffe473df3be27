package dev.squint.llm.jinja;

/**
 * A piece of a template.
 *
 * @param kind what it is
 * @param text its characters; a string's after its escapes are read
 * @param value the number, if it is one; otherwise the text
 * @param line where it begins, counted from 1
 */
record Token(Kind kind, String text, Object value, int line) {

  enum Kind {
    DATA,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  /** How an error names it. */
  String shown() {
    return switch (kind) {
      case DATA -> "text";
      case PRINT_BEGIN -> "{{";
      case PRINT_END -> "}}";
      case BLOCK_BEGIN -> "{%";
      case BLOCK_END -> "%}";
      case END -> "the end of the template";
      default -> text;
    };
  }
}
