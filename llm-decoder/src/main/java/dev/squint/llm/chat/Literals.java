package dev.squint.llm.chat;

import java.util.Map;

/**
 * Parts of a text that spell special tokens but are plain text. Each is replaced by one private-use
 * character until the text is encoded.
 *
 * @param texts the replaced text of each character
 */
public record Literals(Map<Integer, String> texts) {

  /** No replacements. */
  public static final Literals NONE = new Literals(Map.of());

  public Literals {
    texts = Map.copyOf(texts);
  }

  /** Whether this text has none of them. */
  public boolean absentFrom(String text) {
    return texts.isEmpty() || text.codePoints().noneMatch(texts::containsKey);
  }

  /** The text as users see it. */
  public String restore(String text) {
    if (absentFrom(text)) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              String literal = texts.get(point);
              if (literal == null) {
                out.appendCodePoint(point);
              } else {
                out.append(literal);
              }
            });
    return out.toString();
  }
}
