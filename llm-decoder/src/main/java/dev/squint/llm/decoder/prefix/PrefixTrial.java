package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.stage.DecoderStage;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether prompts of a decoder can be run in parts: tried once, when that is needed, because it
 * runs the decoder several times. A program that asks one question never pays for it. Thread-safe.
 */
public final class PrefixTrial {

  private final Supplier<Result> probe;
  private volatile @Nullable Result known;

  /**
   * What came out.
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
    this(probe, null);
  }

  private PrefixTrial(Supplier<Result> probe, @Nullable Result known) {
    this.probe = probe;
    this.known = known;
  }

  /** The trial of a decoder. */
  public static PrefixTrial of(TextEmbeddings embeddings, List<DecoderStage> stages) {
    boolean rowsOnly =
        stages.stream()
            .flatMap(stage -> stage.signature().cache().stream())
            .allMatch(CacheSlot::growsByRows);
    // Known without a run, and blocks of a cache with states cannot be copied.
    return new PrefixTrial(
        () -> PrefixProbe.of(embeddings, stages),
        rowsOnly ? null : Result.cannot("the decoder keeps states that are not rows of tokens"));
  }

  /** What is known without a run: an obstacle; empty if there is none or it was not tried. */
  Optional<String> known() {
    Result result = known;
    return result == null ? Optional.empty() : result.obstacle();
  }

  /** Why prompts cannot be run in parts; empty if they can. Others wait while it is tried. */
  public Optional<String> result() {
    return tried().obstacle();
  }

  /** Whether parts of a prompt give what the whole gives, but for the rounding of floats. */
  public boolean isExact() {
    return tried().exact();
  }

  private synchronized Result tried() {
    Result result = known;
    if (result == null) {
      result = probe.get();
      known = result;
    }
    return result;
  }
}
