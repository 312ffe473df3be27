package dev.squint.llm.decoder.batch;

import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.SequenceRow;
import org.jspecify.annotations.Nullable;

/** What a {@link BatchLoop} knows of one sequence. Guarded by the loop. */
final class BatchRow {

  /** Where the rows of a sequence are. */
  enum Place {
    /** It has a cache of its own and waits for a row. */
    OUTSIDE,
    /** It has a row. */
    INSIDE,
    /** It was closed, or its row was lost. */
    GONE
  }

  final SequenceRow sequence;
  final Prefilled prefilled;
  Place place = Place.OUTSIDE;
  // Set while a token waits for its step.
  @Nullable Long token;
  // Whether a step with its token runs.
  boolean stepping;
  // Whether the last step started without its token.
  boolean late;
  float @Nullable [] logits;
  @Nullable RuntimeException failure;

  /**
   * A sequence after its prompt.
   *
   * @param prefilled closed when it gets a row
   */
  BatchRow(SequenceRow sequence, Prefilled prefilled) {
    this.sequence = sequence;
    this.prefilled = prefilled;
  }
}
