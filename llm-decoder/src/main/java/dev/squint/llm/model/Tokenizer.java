package dev.squint.llm.model;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.squint.llm.chat.Literals;
import dev.squint.llm.chat.SpecialTexts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A package's {@code tokenizer.json}: text to token ids and back, by the Rust tokenizers library.
 * Immutable and thread-safe.
 */
public final class Tokenizer implements AutoCloseable {

  private static final Map<String, String> SETTINGS =
      Map.of("truncation", "false", "padding", "false");

  private final HuggingFaceTokenizer tokenizer;
  private final ModelPackage model;
  private final AddedTokens added;

  /** The same tokenizer with other texts for special tokens; loaded when it is first needed. */
  private @Nullable HuggingFaceTokenizer renamed;

  private final Map<String, String> names = new HashMap<>();

  /** The special tokens that answers do not keep, where they keep some. */
  private final Set<Long> hidden = new HashSet<>();

  private Tokenizer(HuggingFaceTokenizer tokenizer, ModelPackage model, AddedTokens added) {
    this.tokenizer = tokenizer;
    this.model = model;
    this.added = added;
    if (model.family().open().isPresent()) {
      added.special().stream()
          .filter(token -> !model.family().keeps(token))
          .forEach(token -> id(token).ifPresent(hidden::add));
    }
    for (int i = 0; i < added.all().size(); i++) {
      // Two characters that no text can have, with a number of others between them.
      names.put(
          added.all().get(i), "\uFDD0" + Integer.toString(i, 2).replace('0', '\uFDD1') + '\uFDD2');
    }
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
    try {
      byte[] json =
          LlamaTokenizerJson.read(model.tokenizerFile().toFile(), model.tokenizerConfig());
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), SETTINGS),
          model,
          AddedTokens.of(model.tokenizerFile().toFile()));
    } catch (IOException | RuntimeException e) {
      throw model.broken("tokenizer.json", "cannot be loaded: " + oneLine(e));
    }
  }

  private static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  /** Whether the tokenizer looks for this text as one token before it splits a text. */
  public boolean adds(String token) {
    return names.containsKey(token);
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

  /**
   * Token ids of a text in which some stretches are plain text even if they spell special tokens,
   * [S].
   *
   * @param special what counts as special
   * @param literals the characters that stand for these stretches
   */
  public long[] encode(
      String text, SpecialTexts special, Literals literals, boolean withSpecialTokens) {
    if (literals.absentFrom(text) && !added.otherSpellings()) {
      return encode(text, withSpecialTokens);
    }
    String marked =
        special.replaceAll(withoutNames(text), token -> names.getOrDefault(token, token));
    return renamed(special).encode(literals.restore(marked), withSpecialTokens, false).getIds();
  }

  /** Token ids of a text in which nothing is special, [S]. */
  public long[] encodePlain(String text, SpecialTexts special) {
    return special.in(text).isEmpty() && !added.otherSpellings()
        ? encode(text, false)
        : renamed(special).encode(withoutNames(text), false, false).getIds();
  }

  private static String withoutNames(String text) {
    return text.replaceAll("[\\uFDD0-\\uFDD2]", "\uFFFD");
  }

  private synchronized HuggingFaceTokenizer renamed(SpecialTexts special) {
    if (renamed == null) {
      Map<String, String> changed = new HashMap<>(names);
      changed.keySet().removeIf(token -> !special.has(token));
      try {
        byte[] own =
            LlamaTokenizerJson.read(model.tokenizerFile().toFile(), model.tokenizerConfig());
        byte[] json = AddedTokens.renamed(own, changed);
        renamed = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), SETTINGS);
      } catch (IOException | RuntimeException e) {
        throw model.broken(
            "tokenizer.json",
            "cannot be loaded without its special tokens, which a text spells: " + oneLine(e));
      }
    }
    return renamed;
  }

  /**
   * What must not act as a token in a user's text: the tokens that the tokenizer marks as special,
   * these others, and those that a template writes around a turn.
   *
   * @param others tokens with a meaning for this model
   * @param turns turns as the template writes them
   */
  public SpecialTexts specialTexts(Collection<String> others, String turns) {
    Set<String> special = new HashSet<>(added.special());
    special.removeIf(model.family()::keeps);
    added.all().stream()
        .filter(token -> others.contains(token) || turns.contains(token))
        .forEach(special::add);
    return new SpecialTexts(special);
  }

  /** The id of a text that is one token, or empty if it is several. */
  public OptionalLong id(String token) {
    long[] ids = encode(token, false);
    return ids.length == 1 ? OptionalLong.of(ids[0]) : OptionalLong.empty();
  }

  /** The text of these ids; special tokens are left out, unless the family's answers keep them. */
  public String decode(long[] ids) {
    if (ids.length > 0 && model.family().open().isPresent()) {
      return decodeAll(LongStream.of(ids).filter(id -> !hidden.contains(id)).toArray());
    }
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
  public synchronized void close() {
    tokenizer.close();
    if (renamed != null) {
      renamed.close();
    }
  }
}
