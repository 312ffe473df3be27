package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.vision.io.Lazy;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether prompts of a decoder can be run in parts: tried once, when that is needed, because it
 * runs the decoder several times. A program that asks one question never runs it. Thread-safe.
 */
public final class PrefixTrial {

  private final Lazy<Result> result;

  /**
   * The result of the trial.
   *
   * @param obstacle why prompts cannot be run in parts; empty if they can
   * @param exact whether parts give what the whole gives, but for the rounding of floats
   */
  record Result(Optional<String> obstacle, boolean exact) {

    static final Result EXACT = new Result(Optional.empty(), true);
    static final Result ROUNDED = new Result(Optional.empty(), false);

    static Result cannot(String obstacle) {
      return new Result(Optional.of(obstacle), false);
    }
  }

  /**
   * A trial.
   *
   * @param probe whether prompts can be run in parts
   */
  PrefixTrial(Supplier<Result> probe) {
    this(new Lazy<>(probe));
  }

  private PrefixTrial(Lazy<Result> result) {
    this.result = result;
  }

  /** The trial of a decoder. */
  public static PrefixTrial of(TextEmbeddings embeddings, List<DecoderStage> stages) {
    boolean rowsOnly =
        stages.stream()
            .flatMap(stage -> stage.signature().cache().stream())
            .allMatch(CacheSlot::growsByRows);
    if (rowsOnly) {
      return new PrefixTrial(() -> PrefixProbe.of(embeddings, stages));
    }
    // Known without a run: blocks of a cache with states cannot be copied.
    PrefixTrial known =
        new PrefixTrial(
            () -> Result.cannot("the decoder keeps states that are not rows of tokens"));
    known.result.get();
    return known;
  }

  /** What is known without a run: an obstacle; empty if there is none or it was not tried. */
  Optional<String> known() {
    return result.known().flatMap(Result::obstacle);
  }

  /** Why prompts cannot be run in parts; empty if they can. Others wait while it is tried. */
  public Optional<String> result() {
    return result.get().obstacle();
  }

  /** Whether parts of a prompt give what the whole gives, but for the rounding of floats. */
  public boolean isExact() {
    return result.get().exact();
  }
}
