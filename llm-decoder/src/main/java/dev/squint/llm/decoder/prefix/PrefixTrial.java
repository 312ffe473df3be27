package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.stage.DecoderStage;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether prompts of a decoder can be run in parts: tried once, when that is needed, because it
 * runs the decoder several times. A program that asks one question never pays for it. Thread-safe.
 */
public final class PrefixTrial {

  private final Supplier<Optional<String>> probe;
  private volatile Optional<String> obstacle;
  private boolean tried;

  /**
   * A trial.
   *
   * @param probe why prompts cannot be run in parts; empty if they can
   */
  PrefixTrial(Supplier<Optional<String>> probe) {
    this(probe, Optional.empty());
  }

  private PrefixTrial(Supplier<Optional<String>> probe, Optional<String> obstacle) {
    this.probe = probe;
    this.obstacle = obstacle;
    this.tried = obstacle.isPresent();
  }

  /** The trial of a decoder. */
  public static PrefixTrial of(TextEmbeddings embeddings, List<DecoderStage> stages) {
    boolean rowsOnly =
        stages.stream()
            .flatMap(stage -> stage.signature().cache().stream())
            .allMatch(CacheSlot::growsByRows);
    // Known without a run, and blocks of a cache with states cannot be copied.
    return new PrefixTrial(
        () -> PrefixProbe.obstacle(embeddings, stages),
        rowsOnly
            ? Optional.empty()
            : Optional.of("the decoder keeps states that are not rows of tokens"));
  }

  /** What is known without a run: an obstacle; empty if there is none or it was not tried. */
  Optional<String> known() {
    return obstacle;
  }

  /** Why prompts cannot be run in parts; empty if they can. Others wait while it is tried. */
  public synchronized Optional<String> result() {
    if (!tried) {
      obstacle = probe.get();
      tried = true;
    }
    return obstacle;
  }
}
