package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Embeddings of the question's text tokens as the decoder gets them, [T, D], D as the visual tokens
 * have it.
 */
public record QuestionEmbeddings() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.QUESTION;
  }
}
