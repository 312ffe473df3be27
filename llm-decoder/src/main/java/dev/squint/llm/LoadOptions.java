package dev.squint.llm;

import dev.squint.llm.decoder.batch.BatchSettings;
import dev.squint.llm.decoder.prefix.PrefixCache;
import dev.squint.llm.model.Devices;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.encoder.EncoderSource;
import dev.squint.vision.encoder.FeatureStore;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.tile.PictureCache;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How to load a model: start with {@link #DEFAULT} and change single options. Immutable. */
public final class LoadOptions {

  /** The package decides on the graphs and on small pictures; nothing waits. */
  public static final LoadOptions DEFAULT = new LoadOptions(new Values());

  private final Variants variants;
  private final SessionSettings settings;
  private final Devices devices;
  private final long encoderCacheBytes;
  private final long prefixCacheBytes;
  private final long pictureCacheBytes;
  private final int encodings;
  private final FeatureStore features;
  private final @Nullable EncoderSource encoder;
  private final BatchSettings batching;
  private final boolean nativeSizeCap;
  private final boolean specialTokensInTexts;
  private final @Nullable String family;
  private final Cuts cuts;
  private final List<PruningPlan> plans;
  private final CalibrationFiles calibrations;

  private LoadOptions(Values values) {
    if (values.prefixCacheBytes < 0) {
      throw new IllegalArgumentException(
          "the cache of prompts holds 0 (none) or more bytes but was given "
              + values.prefixCacheBytes);
    }
    if (values.pictureCacheBytes < 0) {
      throw new IllegalArgumentException(
          "the cache of pictures holds 0 (none) or more bytes but was given "
              + values.pictureCacheBytes);
    }
    this.variants = values.variants;
    this.settings = values.settings;
    this.devices = values.devices;
    this.encoderCacheBytes = values.encoderCacheBytes;
    this.prefixCacheBytes = values.prefixCacheBytes;
    this.pictureCacheBytes = values.pictureCacheBytes;
    this.encodings = values.encodings;
    this.features = values.features;
    this.encoder = values.encoder;
    this.batching = values.batching;
    this.nativeSizeCap = values.nativeSizeCap;
    this.specialTokensInTexts = values.specialTokensInTexts;
    this.family = values.family;
    this.cuts = values.cuts;
    this.plans = List.copyOf(values.plans);
    this.calibrations = values.calibrations;
  }

  /** The same options while one of them is changed. */
  private static final class Values {
    private Variants variants = Variants.ANY;
    private SessionSettings settings = SessionSettings.DEFAULT;
    private Devices devices = Devices.CPU;
    private long encoderCacheBytes = EncoderCache.DEFAULT_MAX_BYTES;
    private long prefixCacheBytes = PrefixCache.DEFAULT_MAX_BYTES;
    private long pictureCacheBytes = PictureCache.DEFAULT_MAX_BYTES;
    private int encodings = Integer.MAX_VALUE;
    private FeatureStore features = FeatureStore.NONE;
    private @Nullable EncoderSource encoder;
    private BatchSettings batching = BatchSettings.OFF;
    private boolean nativeSizeCap;
    private boolean specialTokensInTexts;
    private @Nullable String family;
    private Cuts cuts = Cuts.AUTO;
    private List<PruningPlan> plans = List.of();
    private CalibrationFiles calibrations = CalibrationFiles.ANY;
  }

  private LoadOptions with(Consumer<Values> change) {
    Values values = new Values();
    values.variants = variants;
    values.settings = settings;
    values.devices = devices;
    values.encoderCacheBytes = encoderCacheBytes;
    values.prefixCacheBytes = prefixCacheBytes;
    values.pictureCacheBytes = pictureCacheBytes;
    values.encodings = encodings;
    values.features = features;
    values.encoder = encoder;
    values.batching = batching;
    values.nativeSizeCap = nativeSizeCap;
    values.specialTokensInTexts = specialTokensInTexts;
    values.family = family;
    values.cuts = cuts;
    values.plans = plans;
    values.calibrations = calibrations;
    change.accept(values);
    return new LoadOptions(values);
  }

  /** The precision variant of each graph. */
  public Variants variants() {
    return variants;
  }

  /** Threads of the graphs. */
  public SessionSettings settings() {
    return settings;
  }

  /** Where each graph is computed. */
  public Devices devices() {
    return devices;
  }

  /** Threads of one graph, and where it is computed. */
  public SessionSettings settings(Session session) {
    return settings.withDevice(devices.of(session));
  }

  /** The most bytes of encoded pictures that are kept for later questions; 0 for none. */
  public long encoderCacheBytes() {
    return encoderCacheBytes;
  }

  /**
   * The most bytes of keys and values of prompts that are kept, so that a prompt that begins with
   * the same tokens costs the prefill of the rest alone; 0 for none.
   */
  public long prefixCacheBytes() {
    return prefixCacheBytes;
  }

  /** The most bytes of decoded pictures and their tiles that are kept; 0 for none. */
  public long pictureCacheBytes() {
    return pictureCacheBytes;
  }

  /** How many questions' pictures may be encoded at once; the others wait. */
  public int encodings() {
    return encodings;
  }

  /** Encoded pictures that other processes share. */
  public FeatureStore features() {
    return features;
  }

  /** What opens the encoder instead of its graph; null for the graph. */
  public @Nullable EncoderSource encoder() {
    return encoder;
  }

  /** How questions that are asked at the same time are decoded together. */
  public BatchSettings batching() {
    return batching;
  }

  /**
   * Whether small pictures are never enlarged into several tiles, also where the package would; its
   * answers then differ from those of transformers.
   */
  public boolean nativeSizeCap() {
    return nativeSizeCap;
  }

  /** The {@code model_type} that the package is taken for; null for its own. */
  public @Nullable String family() {
    return family;
  }

  /** Whether special tokens act as tokens where a text of a user spells them. */
  public boolean specialTokensInTexts() {
    return specialTokensInTexts;
  }

  /** Where the decoder is cut into stages, so that plans can act between its layers. */
  public Cuts cuts() {
    return cuts;
  }

  /**
   * Plans that will be used: with {@link Cuts#AUTO}, the decoder is cut for them when it is loaded
   * and not at the first question with them.
   */
  public List<PruningPlan> plans() {
    return plans;
  }

  /** The calibrations that plans may name. */
  public CalibrationFiles calibrations() {
    return calibrations;
  }

  /** The same with other variants of the graphs. */
  public LoadOptions withVariants(Variants variants) {
    return with(values -> values.variants = variants);
  }

  /** The same with other threads. */
  public LoadOptions withSettings(SessionSettings settings) {
    return with(values -> values.settings = settings);
  }

  /**
   * The same on other devices, such as {@code Devices.parse("cuda")}; what cannot run there is
   * refused when the model is loaded.
   */
  public LoadOptions withDevices(Devices devices) {
    return with(values -> values.devices = devices);
  }

  /** The same with another bound of the encoder's cache. */
  public LoadOptions withEncoderCacheBytes(long encoderCacheBytes) {
    return with(values -> values.encoderCacheBytes = encoderCacheBytes);
  }

  /**
   * The same with another bound of the cache of prompts.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public LoadOptions withPrefixCacheBytes(long prefixCacheBytes) {
    return with(values -> values.prefixCacheBytes = prefixCacheBytes);
  }

  /**
   * The same with another bound of the cache of pictures ({@link VisionLanguageModel#pictures}).
   *
   * @throws IllegalArgumentException if it is negative
   */
  public LoadOptions withPictureCacheBytes(long pictureCacheBytes) {
    return with(values -> values.pictureCacheBytes = pictureCacheBytes);
  }

  /** The same with another bound of how many questions' pictures are encoded at once. */
  public LoadOptions withEncodings(int encodings) {
    return with(values -> values.encodings = encodings);
  }

  /** The same with encoded pictures that other processes share; the caller closes the store. */
  public LoadOptions withFeatures(FeatureStore features) {
    return with(values -> values.features = features);
  }

  /** The same with an encoder that is not opened from the package's graph. */
  public LoadOptions withEncoder(@Nullable EncoderSource encoder) {
    return with(values -> values.encoder = encoder);
  }

  /** The same with other batches of questions that are asked at the same time. */
  public LoadOptions withBatching(BatchSettings batching) {
    return with(values -> values.batching = batching);
  }

  /** The same with or without the native-size cap. */
  public LoadOptions withNativeSizeCap(boolean nativeSizeCap) {
    return with(values -> values.nativeSizeCap = nativeSizeCap);
  }

  /** The same with other cuts. */
  public LoadOptions withCuts(Cuts cuts) {
    return with(values -> values.cuts = cuts);
  }

  /** The same for other plans. */
  public LoadOptions withPlans(List<PruningPlan> plans) {
    return with(values -> values.plans = plans);
  }

  /** The same with other calibrations that plans may name. */
  public LoadOptions withCalibrations(CalibrationFiles calibrations) {
    return with(values -> values.calibrations = calibrations);
  }

  /**
   * The same, in which special tokens act as tokens where a text of a user spells them, as
   * transformers has it; only for texts that are trusted.
   */
  public LoadOptions withSpecialTokensInTexts(boolean act) {
    return with(values -> values.specialTokensInTexts = act);
  }

  /**
   * The same for a package that is taken for one of a family, whatever its {@code model_type} is;
   * the notes of every answer say so.
   */
  public LoadOptions withFamily(@Nullable String modelType) {
    return with(values -> values.family = modelType);
  }
}
