package dev.squint.llm;

import dev.squint.llm.decoder.PrefixCache;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.onnx.SessionSettings;
import java.util.List;

/**
 * How to load a model.
 *
 * @param variants which form of each graph is wanted
 * @param settings threads of the graphs
 * @param encoderCacheBytes how much memory encoded pictures may take, so that they need not be
 *     encoded again; 0 for none
 * @param prefixCacheBytes how much memory keys and values of prompts may take, so that a prompt
 *     that begins as an earlier one costs the prefill of what is new; 0 for none
 * @param encodings how many questions' pictures may be encoded at once; the others wait
 * @param nativeSizeCap whether small pictures are never enlarged into several tiles, also where the
 *     package would; its answers then differ from those of transformers
 * @param cuts where the decoder is cut into stages, so that plans can act between its layers
 * @param plans that will be asked for: with {@link Cuts#AUTO}, the decoder is cut for them at once
 *     and not when they are first asked for
 */
public record LoadOptions(
    Variants variants,
    SessionSettings settings,
    long encoderCacheBytes,
    long prefixCacheBytes,
    int encodings,
    boolean nativeSizeCap,
    Cuts cuts,
    List<PruningPlan> plans) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if the cache of prompts is to hold less than nothing
   */
  public LoadOptions {
    if (prefixCacheBytes < 0) {
      throw new IllegalArgumentException(
          "the cache of prompts holds 0 (none) or more bytes but was given " + prefixCacheBytes);
    }
    plans = List.copyOf(plans);
  }

  /** The package decides on the graphs and on small pictures; nothing waits. */
  public static final LoadOptions DEFAULT =
      new LoadOptions(
          Variants.ANY,
          SessionSettings.DEFAULT,
          EncoderCache.DEFAULT_MAX_BYTES,
          PrefixCache.DEFAULT_MAX_BYTES,
          Integer.MAX_VALUE,
          false,
          Cuts.AUTO,
          List.of());

  /** The same with other forms of the graphs. */
  public LoadOptions withVariants(Variants variants) {
    return new LoadOptions(
        variants,
        settings,
        encoderCacheBytes,
        prefixCacheBytes,
        encodings,
        nativeSizeCap,
        cuts,
        plans);
  }

  /** The same with other threads. */
  public LoadOptions withSettings(SessionSettings settings) {
    return new LoadOptions(
        variants,
        settings,
        encoderCacheBytes,
        prefixCacheBytes,
        encodings,
        nativeSizeCap,
        cuts,
        plans);
  }

  /** The same with another bound of the encoder's cache. */
  public LoadOptions withEncoderCacheBytes(long encoderCacheBytes) {
    return new LoadOptions(
        variants,
        settings,
        encoderCacheBytes,
        prefixCacheBytes,
        encodings,
        nativeSizeCap,
        cuts,
        plans);
  }

  /** The same with another bound of the cache of prompts. */
  public LoadOptions withPrefixCacheBytes(long prefixCacheBytes) {
    return new LoadOptions(
        variants,
        settings,
        encoderCacheBytes,
        prefixCacheBytes,
        encodings,
        nativeSizeCap,
        cuts,
        plans);
  }

  /** The same with another bound of how many questions' pictures are encoded at once. */
  public LoadOptions withEncodings(int encodings) {
    return new LoadOptions(
        variants,
        settings,
        encoderCacheBytes,
        prefixCacheBytes,
        encodings,
        nativeSizeCap,
        cuts,
        plans);
  }

  /** The same with or without the native-size cap. */
  public LoadOptions withNativeSizeCap(boolean nativeSizeCap) {
    return new LoadOptions(
        variants,
        settings,
        encoderCacheBytes,
        prefixCacheBytes,
        encodings,
        nativeSizeCap,
        cuts,
        plans);
  }

  /** The same with other cuts. */
  public LoadOptions withCuts(Cuts cuts) {
    return new LoadOptions(
        variants,
        settings,
        encoderCacheBytes,
        prefixCacheBytes,
        encodings,
        nativeSizeCap,
        cuts,
        plans);
  }

  /** The same for other plans. */
  public LoadOptions withPlans(List<PruningPlan> plans) {
    return new LoadOptions(
        variants,
        settings,
        encoderCacheBytes,
        prefixCacheBytes,
        encodings,
        nativeSizeCap,
        cuts,
        plans);
  }
}
