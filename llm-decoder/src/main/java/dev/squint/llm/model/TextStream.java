package dev.squint.llm.model;

import java.util.Arrays;

/**
 * Token ids in, pieces of text out as soon as they are whole: a character whose bytes are spread
 * over several tokens comes with the last of them.
 *
 * <p>The text of a token may depend on the token before it (sentencepiece drops the space of the
 * first), so a piece is the difference between two decodings that begin at an earlier token.
 */
public final class TextStream {

  private static final char INCOMPLETE = '\uFFFD';

  private final Tokenizer tokenizer;
  private long[] ids = new long[64];
  private int size;
  private int context;
  private int written;

  /** Begins a text. */
  public TextStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The text that this token completes, often empty. */
  public String add(long id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
    }
    ids[size++] = id;
    String text = decode(size);
    return text.isEmpty() || text.charAt(text.length() - 1) == INCOMPLETE ? "" : take(text);
  }

  /** What is left when no token follows: incomplete characters as replacement characters. */
  public String end() {
    return take(decode(size));
  }

  private String take(String text) {
    String piece = text.substring(decode(written).length());
    if (!piece.isEmpty()) {
      context = written;
      written = size;
    }
    return piece;
  }

  private String decode(int end) {
    return tokenizer.decode(Arrays.copyOfRange(ids, context, end));
  }
}
