package dev.squint.llm;

import dev.squint.pruner.Attention;
import dev.squint.pruner.PatchTokens;
import java.util.List;

/** The note about attention that replaces CLS attention where the encoder has no CLS token. */
final class SubstituteAttention {

  private static final String NOTE =
      "the encoder has no CLS token: its attention is the mean over all patches instead";

  private SubstituteAttention() {}

  /** Whether these tokens carry such attention. */
  static boolean isShownBy(PatchTokens tokens) {
    return tokens.evidenceKinds().stream()
        .map(tokens::evidence)
        .anyMatch(value -> value instanceof Attention attention && attention.substitute());
  }

  /** The note, if a method has read such attention. */
  static List<String> notes(boolean read) {
    return read ? List.of(NOTE) : List.of();
  }
}
