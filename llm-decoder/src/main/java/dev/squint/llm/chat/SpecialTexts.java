package dev.squint.llm.chat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The texts that a tokenizer reads as special tokens, and the defence against texts of users that
 * spell them: in such a text they stay plain text, so that no user can end a turn, begin another or
 * put a picture where none is.
 *
 * <p>A text that is harmless is rendered as it is. One that would add a special token to the prompt
 * is rendered with characters of private use in its place ({@link Literals}).
 */
public final class SpecialTexts {

  /** Nothing is special, and all texts act as they are written. */
  public static final SpecialTexts NONE = new SpecialTexts(List.of());

  /** The first of the characters that stand for others. */
  private static final int PRIVATE_USE = 0xF0000;

  private static final int PRIVATE_USE_END = 0x10FFFD;

  private final Set<String> known;
  private final @Nullable Pattern tokens;
  private final Set<Integer> starts;

  /**
   * Knows these tokens.
   *
   * @param tokens their texts; empty ones are left out
   */
  public SpecialTexts(Collection<String> tokens) {
    // The longest first, as tokenizers match.
    List<String> sorted =
        tokens.stream()
            .filter(token -> !token.isEmpty())
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    this.tokens =
        sorted.isEmpty()
            ? null
            : Pattern.compile(sorted.stream().map(Pattern::quote).collect(Collectors.joining("|")));
    this.known = Set.copyOf(sorted);
    this.starts =
        sorted.stream().map(token -> token.codePointAt(0)).collect(Collectors.toUnmodifiableSet());
  }

  /** Whether this text is one of the tokens. */
  public boolean has(String token) {
    return known.contains(token);
  }

  /** The special tokens in a text, in order. */
  public List<String> in(String text) {
    List<String> found = new ArrayList<>();
    if (tokens != null) {
      Matcher matcher = tokens.matcher(text);
      while (matcher.find()) {
        found.add(matcher.group());
      }
    }
    return found;
  }

  /** The text with each special token replaced. */
  public String replaceAll(String text, UnaryOperator<String> replacement) {
    return tokens == null
        ? text
        : tokens
            .matcher(text)
            .replaceAll(match -> Matcher.quoteReplacement(replacement.apply(match.group())));
  }

  /**
   * Renders texts so that none of their characters becomes part of a special token.
   *
   * @param texts what users wrote
   * @param render renders, given how to change each text before
   */
  Written guarded(List<String> texts, Function<UnaryOperator<String>, String> render) {
    String exact = render.apply(text -> text);
    boolean harmless =
        texts.stream().allMatch(text -> text.codePoints().noneMatch(starts::contains));
    if (harmless) {
      return new Written(exact, Literals.NONE);
    }
    Marks first = new Marks(texts);
    // No text can begin a token here, alone or together with others.
    String safest = render.apply(text -> first.markStarts(text, starts));
    List<String> ofTemplate = in(safest);
    if (in(exact).equals(ofTemplate)) {
      return new Written(exact, Literals.NONE);
    }
    Marks whole = new Marks(texts);
    String marked = render.apply(text -> replaceAll(text, whole::mark));
    return in(marked).equals(ofTemplate)
        ? new Written(marked, whole.literals())
        : new Written(safest, first.literals());
  }

  /** Characters that occur in none of the texts, one for each text that is marked. */
  private static final class Marks {

    private final Set<Integer> used;
    private final Map<String, Integer> marks = new HashMap<>();
    private int next = PRIVATE_USE;

    Marks(List<String> texts) {
      this.used =
          texts.stream()
              .flatMapToInt(String::codePoints)
              .filter(point -> point >= PRIVATE_USE)
              .boxed()
              .collect(Collectors.toSet());
    }

    String mark(String literal) {
      int mark =
          marks.computeIfAbsent(
              literal,
              text -> {
                while (used.contains(next) || (next & 0xFFFE) == 0xFFFE) {
                  next++;
                }
                if (next > PRIVATE_USE_END) {
                  throw new IllegalArgumentException(
                      "the text uses all characters of private use; write it without them");
                }
                return next++;
              });
      return Character.toString(mark);
    }

    String markStarts(String text, Set<Integer> starts) {
      StringBuilder out = new StringBuilder();
      text.codePoints()
          .forEach(
              point -> {
                String character = Character.toString(point);
                out.append(starts.contains(point) ? mark(character) : character);
              });
      return out.toString();
    }

    Literals literals() {
      Map<Integer, String> texts = new HashMap<>();
      marks.forEach((literal, mark) -> texts.put(mark, literal));
      return new Literals(texts);
    }
  }
}
