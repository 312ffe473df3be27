package dev.squint.llm;

import dev.squint.llm.chat.ChatTemplate;
import dev.squint.llm.chat.SpecialTexts;
import dev.squint.llm.generation.GenerationConfig;
import dev.squint.llm.model.LineBreak;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Tokenizer;
import dev.squint.llm.model.TrainedMethods;
import dev.squint.llm.model.TrainingDomain;
import dev.squint.llm.model.Variants;
import dev.squint.llm.prompt.PictureText;
import dev.squint.llm.prompt.PromptTokens;
import dev.squint.llm.prompt.PromptWriter;
import dev.squint.llm.prompt.VideoText;
import dev.squint.pruner.Matrix;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.encoder.EncoderFingerprint;
import dev.squint.vision.encoder.EncoderSource;
import dev.squint.vision.encoder.FeatureStore;
import dev.squint.vision.encoder.VisionEncoder;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.vision.onnx.OnnxRuntime;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;

/**
 * Opens the parts of a model in the order in which they need each other. Closes what is open when a
 * part is broken. Made for one load.
 */
final class ModelLoader {

  private final ModelPackage files;
  private final LoadOptions options;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private ModelLoader(ModelPackage files, LoadOptions options) {
    this.files = files;
    this.options = options;
  }

  /**
   * Opens a package.
   *
   * @throws IllegalArgumentException if the package is broken or of a kind that Squint does not
   *     know, and the message names the file; or if its decoder cannot be cut where a plan of the
   *     options acts, and the message names the plan
   * @throws DeviceUnavailableException if a device is not available or cannot run its graph
   */
  static ModelParts load(Path folder, LoadOptions given) {
    // An encoder that the options give opens its own graph, on a device that it chooses.
    LoadOptions options =
        given.encoder() == null
            ? given
            : given.withDevices(given.devices().with(Session.VISION_ENCODER, Device.CPU));
    options.devices().requireAvailable();
    if (!options.variants().automatic().isEmpty()) {
      Variants chosen = VariantChooser.ofUser().choose(folder, options);
      return load(folder, options.withVariants(chosen));
    }
    ModelLoader loader =
        new ModelLoader(ModelPackage.read(folder, options.variants(), options.family()), options);
    try {
      return loader.load();
    } catch (RuntimeException e) {
      loader.opened.forEach(ModelLoader::closeQuietly);
      throw named(e, folder);
    }
  }

  private ModelParts load() {
    TrainedMethods trained = TrainedMethods.of(files);
    OnnxRuntime.setVariables();
    try (BackgroundWork work = new BackgroundWork()) {
      // The graphs take most of the time, so they are opened while text is prepared.
      Future<VisionEncoder> encoder = work.start(() -> keep(encoder()));
      Future<ModelParts.Decoders> decoders =
          work.start(() -> new DecoderLoader(files, options, this::keep).load(trained));
      Tokenizer tokenizer = keep(Tokenizer.load(files));
      ImageToken imageToken = ImageToken.of(files, tokenizer);
      ChatTemplate template = template(files, imageToken);
      return parts(
          trained,
          new Text(tokenizer, imageToken, template),
          BackgroundWork.result(encoder),
          BackgroundWork.result(decoders));
    }
  }

  private VisionEncoder encoder() {
    EncoderSource source = options.encoder();
    return source == null
        ? PackageEncoder.open(files, options.settings(Session.VISION_ENCODER))
        : source.open(files.graph(Session.VISION_ENCODER));
  }

  /** What a package holds about text. */
  private record Text(Tokenizer tokenizer, ImageToken imageToken, ChatTemplate template) {}

  private ModelParts parts(
      TrainedMethods trained, Text text, VisionEncoder encoder, ModelParts.Decoders decoders) {
    Optional<Matrix> lineBreak = encoder.lineBreak().or(() -> LineBreak.of(files));
    PromptWriter writer = writer(text, lineBreak);
    PictureTiling tiling =
        PictureTiling.of(
            files,
            options.nativeSizeCap(),
            writer.videoText() != null,
            options.pictureCacheBytes());
    boolean counts = decoders.staged().decoder().countsPositions();
    return new ModelParts(
        files,
        new ModelParts.Training(trained, domain(decoders.staged()), GenerationConfig.of(files)),
        tiling,
        cache(encoder),
        counts ? writer.countingFromZero() : writer,
        decoders,
        StopTokens.of(files, text.tokenizer(), text.template()));
  }

  private EncoderCache cache(VisionEncoder encoder) {
    FeatureStore store = options.features();
    // The hash reads all weights, so it is computed only where it is needed.
    return store == FeatureStore.NONE
        ? new EncoderCache(encoder, options.encoderCacheBytes(), options.encodings())
        : EncoderCache.sharing(
            encoder,
            options.encoderCacheBytes(),
            options.encodings(),
            store,
            EncoderFingerprint.of(files.graph(Session.VISION_ENCODER), encoder));
  }

  private Optional<DomainCheck> domain(StagedDecoderManager staged) {
    int width = staged.decoder().hiddenSize();
    Optional<TrainingDomain> domain = TrainingDomain.of(files);
    if (domain.isPresent() && domain.get().mean().cols() != width) {
      throw files.broken(
          "squint.json",
          "names a domain for visual tokens of %d values, but this model's have %d; make it again with 'squint domain fit'"
              .formatted(domain.get().mean().cols(), width));
    }
    return domain.map(DomainCheck::new);
  }

  private PromptWriter writer(Text text, Optional<Matrix> lineBreak) {
    Tokenizer tokenizer = text.tokenizer();
    ChatTemplate template = text.template();
    ImageToken imageToken = text.imageToken();
    return new PromptWriter(
        template,
        tokenizer,
        PictureText.of(files, tokenizer, imageToken.text(), lineBreak.isPresent()),
        VideoText.of(files, tokenizer, template, lineBreak.isPresent()).orElse(null),
        new PromptTokens(
            imageToken.text(),
            imageToken.id(),
            placeholder(files, imageToken),
            files.specialToken("bos_token").orElse(""),
            options.specialTokensInTexts()
                ? SpecialTexts.NONE
                : specialTexts(files, tokenizer, template)),
        files.family(),
        lineBreak.orElse(null));
  }

  /** What stays plain text where a user writes it. */
  static SpecialTexts specialTexts(ModelPackage files, Tokenizer tokenizer, ChatTemplate template) {
    ImageToken imageToken = ImageToken.of(files, tokenizer);
    Set<String> others = new HashSet<>(specialTokens(files).values());
    others.add(imageToken.text());
    others.add(placeholder(files, imageToken));
    VideoText.of(files, tokenizer, template, false).ifPresent(video -> others.add(video.token()));
    StopTokens.of(files, tokenizer, template)
        .forEach(id -> others.add(tokenizer.decodeAll(new long[] {id})));
    return tokenizer.specialTexts(others, template.turns());
  }

  private static String placeholder(ModelPackage files, ImageToken imageToken) {
    String role = files.family().placeholder();
    return role.equals("image_token") ? imageToken.text() : files.requiredToken(role);
  }

  /** The package's template, which must be able to write what users say. */
  static ChatTemplate template(ModelPackage files, ImageToken imageToken) {
    try {
      Map<String, String> named = specialTokens(files);
      named.put("image_token", imageToken.text());
      return new ChatTemplate(files.chatTemplate(), placeholder(files, imageToken), named);
    } catch (IllegalArgumentException e) {
      throw files.broken("chat_template.jinja", "cannot be used: " + e.getMessage());
    }
  }

  private static Map<String, String> specialTokens(ModelPackage files) {
    Map<String, String> tokens = new HashMap<>();
    for (String name :
        List.of(
            "bos_token",
            "eos_token",
            "unk_token",
            "sep_token",
            "pad_token",
            "cls_token",
            "mask_token")) {
      files.specialToken(name).ifPresent(token -> tokens.put(name, token));
    }
    return tokens;
  }

  private synchronized <T extends AutoCloseable> T keep(T resource) {
    opened.push(resource);
    return resource;
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception ignored) {
      // Reported is the failure because of which the parts are closed.
    }
  }

  // Messages of the readers name the file; this adds the package.
  private static RuntimeException named(RuntimeException e, Path folder) {
    String message = String.valueOf(e.getMessage());
    return e instanceof IllegalArgumentException
            && !(e instanceof StagedDecoderManager.RefusedPlan)
            && !(e instanceof DeviceUnavailableException)
            && !message.contains(folder.toString())
        ? new IllegalArgumentException("broken model package %s: %s".formatted(folder, message), e)
        : e;
  }
}
