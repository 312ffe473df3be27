package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/** Input embeddings of the question's text tokens, [T, D], with the D of the visual tokens. */
public record QuestionEmbeddings() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.QUESTION;
  }
}
