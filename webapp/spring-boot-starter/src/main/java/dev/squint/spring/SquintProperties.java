package dev.squint.spring;

import dev.squint.llm.Cuts;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.decoder.batch.BatchSettings;
import dev.squint.llm.hub.HubSettings;
import dev.squint.llm.model.Devices;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import java.util.List;
import java.util.function.Function;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The model and how it is loaded, under {@code squint} in the application's configuration.
 *
 * @param model the model: a folder in the Hugging Face ONNX layout, OWNER/NAME[@REVISION] on a hub,
 *     or arch:NAME for random weights that only measure speed
 * @param variant precision of the graphs: one for all such as q8, or by session such as
 *     decoder=q4,vision=fp16; empty for the recommended one
 * @param device where graphs run: cpu, cuda, cuda:1, coreml, directml, openvino, or auto, which
 *     falls back to cpu; or by session such as vision=cuda,decoder=cpu
 * @param cuts where the decoder is cut so that plans can act between its layers: auto, none, every
 *     or numbers of layers such as 2,8
 * @param plans pruning plans for which the decoder is cut at the start instead of at the first
 *     question with one of them
 * @param nativeSizeCap whether small pictures are never enlarged into several tiles, also where the
 *     package would
 * @param family model_type that the package is taken for, whatever its own is; the notes of every
 *     answer say so; empty for its own
 * @param specialTokensInText whether special tokens act as tokens where a text of a user spells
 *     them; only for texts that are trusted
 * @param hub address of the hub; empty for the one of HF_ENDPOINT, else https://huggingface.co
 * @param work concurrency and caches
 * @param onnx how ONNX Runtime computes the graphs
 */
@ConfigurationProperties("squint")
public record SquintProperties(
    @DefaultValue("") String model,
    @DefaultValue("") String variant,
    @DefaultValue("cpu") String device,
    @DefaultValue("auto") String cuts,
    @DefaultValue List<String> plans,
    @DefaultValue("false") boolean nativeSizeCap,
    @DefaultValue("") String family,
    @DefaultValue("false") boolean specialTokensInText,
    @DefaultValue("") String hub,
    @DefaultValue Work work,
    @DefaultValue Onnx onnx) {

  private static final String PLANS_ADVICE =
      "Write each plan as one entry, squint.plans[0]=...; in a single line, commas separate plans.";

  /** Copies the list. */
  public SquintProperties {
    plans = List.copyOf(plans);
  }

  /**
   * Concurrency and caches.
   *
   * @param encodings questions whose pictures are encoded at the same time; others wait
   * @param batch questions that are decoded together at most; 1 decodes each by itself
   * @param batchInexact whether questions are decoded together too where they change each other's
   *     rounding (8-bit decoders that quantise while they run)
   * @param encoderCache bytes of cached encoded pictures; 0 for none
   * @param prefixCache bytes of cached keys and values of prompts; 0 for none
   * @param pictureCache bytes of cached decoded pictures and their tiles; 0 for none
   */
  public record Work(
      @DefaultValue("1") int encodings,
      @DefaultValue("1") int batch,
      @DefaultValue("false") boolean batchInexact,
      @DefaultValue("256MB") DataSize encoderCache,
      @DefaultValue("256MB") DataSize prefixCache,
      @DefaultValue("128MB") DataSize pictureCache) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if a number is out of range
     */
    public Work {
      if (encodings < 1) {
        throw new IllegalArgumentException(
            "squint.work.encodings must be at least 1 but was " + encodings);
      }
      if (batch < 1) {
        throw new IllegalArgumentException("squint.work.batch must be at least 1 but was " + batch);
      }
      if (encoderCache.isNegative() || prefixCache.isNegative() || pictureCache.isNegative()) {
        throw new IllegalArgumentException(
            "squint.work.encoder-cache, prefix-cache and picture-cache must be 0 (none) or more but were %s, %s and %s"
                .formatted(encoderCache, prefixCache, pictureCache));
      }
    }
  }

  /**
   * How ONNX Runtime computes the graphs.
   *
   * @param threads threads of one operator; 0 for one per physical core
   * @param spinMicros microseconds that a thread without work waits actively before it sleeps; 0 to
   *     sleep at once, which suits machines with other busy programs
   * @param prepacking whether weights are copied into the fastest layout for multiplication
   * @param arena whether a session reuses the memory of its results
   */
  public record Onnx(
      @DefaultValue("0") int threads,
      @DefaultValue("20") int spinMicros,
      @DefaultValue("true") boolean prepacking,
      @DefaultValue("true") boolean arena) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public Onnx {
      if (spinMicros < 0) {
        throw new IllegalArgumentException(
            "squint.onnx.spin-micros must be 0 (sleep at once) or more but was " + spinMicros);
      }
      if (threads < 0) {
        throw new IllegalArgumentException(
            "squint.onnx.threads must be 0 (automatic) or more but was " + threads);
      }
    }

    private SessionSettings settings() {
      return SessionSettings.DEFAULT
          .withThreads(threads)
          .withSpinMicros(spinMicros)
          .withPrepacking(prepacking)
          .withArena(arena);
    }
  }

  /**
   * The options for loading the model.
   *
   * @throws InvalidSettingException if the variant, the device, the cuts or a plan cannot be read
   */
  public LoadOptions loadOptions() {
    return LoadOptions.DEFAULT
        .withVariants(variants())
        .withDevices(parsed("squint.device", device, Devices::parse, "Correct squint.device."))
        .withSettings(onnx.settings())
        .withEncoderCacheBytes(work.encoderCache().toBytes())
        .withPrefixCacheBytes(work.prefixCache().toBytes())
        .withPictureCacheBytes(work.pictureCache().toBytes())
        .withEncodings(work.encodings())
        .withBatching(BatchSettings.of(work.batch()).withInexact(work.batchInexact()))
        .withNativeSizeCap(nativeSizeCap)
        .withFamily(family.isBlank() ? null : family.strip())
        .withSpecialTokensInTexts(specialTokensInText)
        .withCuts(parsed("squint.cuts", cuts, Cuts::parse, "Correct squint.cuts."))
        .withPlans(
            plans.stream()
                .map(plan -> parsed("squint.plans", plan, PruningPlan::parse, PLANS_ADVICE))
                .toList());
  }

  /**
   * The hub of the settings, with the token and the folder of the user's environment.
   *
   * @throws InvalidSettingException if the hub's address is invalid
   */
  public HubSettings hubSettings() {
    HubSettings user = HubSettings.ofUser();
    return hub.isEmpty() ? user : parsed("squint.hub", hub, user::withHub, "Correct squint.hub.");
  }

  private Variants variants() {
    return variant.isEmpty()
        ? Variants.ANY
        : parsed("squint.variant", variant, Variants::parse, "Correct squint.variant.");
  }

  private static <T> T parsed(
      String setting, String value, Function<String, T> parser, String advice) {
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(setting, value, advice, e);
    }
  }
}
