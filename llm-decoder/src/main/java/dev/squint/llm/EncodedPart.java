package dev.squint.llm;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.vision.encoder.TileSelection;
import java.util.Set;

/**
 * One pass through the encoder, or what the cache holds of it.
 *
 * @param work what the encoder ran on
 * @param cachedMillis milliseconds that it took for earlier requests
 * @param operations of merging inside the encoder and of what it shows
 */
record EncodedPart(
    TileSelection.Encoded encoded, EncoderWork work, double cachedMillis, double operations) {

  PatchTokens tokens() {
    return encoded.tokens();
  }

  /** The same with the evidence for later points alone. */
  EncodedPart showing(Set<Evidence<?>> later) {
    return new EncodedPart(
        new TileSelection.Encoded(encoded.selection(), tokens().showingOnly(later)),
        work,
        cachedMillis,
        operations);
  }
}
