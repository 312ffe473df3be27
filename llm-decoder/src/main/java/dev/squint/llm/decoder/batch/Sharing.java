package dev.squint.llm.decoder.batch;

/**
 * How the requests of a model share its decoders.
 *
 * @param settings of batches
 * @param turns of all decoders of the model
 * @param listeners hear of steps and chunks
 */
public record Sharing(BatchSettings settings, Turns turns, BatchListeners listeners) {

  /** Requests run side by side and know nothing of each other. */
  public static Sharing none() {
    return of(BatchSettings.OFF);
  }

  /** Batches with these settings, and turns and listeners of their own. */
  public static Sharing of(BatchSettings settings) {
    return new Sharing(settings, new Turns(), new BatchListeners());
  }
}
