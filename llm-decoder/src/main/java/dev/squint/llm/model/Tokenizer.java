package dev.squint.llm.model;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A package's {@code tokenizer.json}: text to token ids and back, by the Rust tokenizers library.
 * Immutable and thread-safe.
 */
public final class Tokenizer implements AutoCloseable {

  private final HuggingFaceTokenizer tokenizer;

  private Tokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Loads the tokenizer of a package.
   *
   * @throws IllegalArgumentException if {@code tokenizer.json} cannot be read
   */
  public static Tokenizer load(ModelPackage model) {
    // DJL would otherwise ask the network whether it runs in a certain cloud.
    if (System.getProperty("OPT_OUT_TRACKING") == null) {
      System.setProperty("OPT_OUT_TRACKING", "true");
    }
    try (InputStream json = Files.newInputStream(model.tokenizerFile())) {
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(
              json, Map.of("truncation", "false", "padding", "false")));
    } catch (IOException | RuntimeException e) {
      throw model.broken("tokenizer.json", "cannot be loaded: " + oneLine(e));
    }
  }

  private static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  /**
   * Token ids, [S].
   *
   * @param withSpecialTokens whether the tokenizer adds the tokens of its post-processor, such as a
   *     begin-of-text token
   */
  public long[] encode(String text, boolean withSpecialTokens) {
    return tokenizer.encode(text, withSpecialTokens, false).getIds();
  }

  /** The id of a text that is one token, or empty if it is several. */
  public OptionalLong id(String token) {
    long[] ids = encode(token, false);
    return ids.length == 1 ? OptionalLong.of(ids[0]) : OptionalLong.empty();
  }

  /** The text of these ids; special tokens are left out. */
  public String decode(long[] ids) {
    return ids.length == 0 ? "" : tokenizer.decode(ids, true);
  }

  /** The text of these ids, special tokens written out. */
  public String decodeAll(long[] ids) {
    return ids.length == 0 ? "" : tokenizer.decode(ids, false);
  }

  /** Whether this id is a special token, that is, one that {@link #decode} leaves out. */
  public boolean isSpecial(long id) {
    long[] alone = {id};
    return decode(alone).isEmpty() && !decodeAll(alone).isEmpty();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
