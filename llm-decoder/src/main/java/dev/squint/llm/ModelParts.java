package dev.squint.llm;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.stage.StageSignature;
import dev.squint.llm.generation.GenerationConfig;
import dev.squint.llm.model.Devices;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.RopeSwitch;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.TrainedMethods;
import dev.squint.llm.prompt.PromptWriter;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.Placement;
import dev.squint.vision.tile.ImageTilers;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The parts of a model that {@link ModelLoader} has opened.
 *
 * @param files the package
 * @param training what the package holds of its training
 * @param tiling cuts pictures and frames into tiles
 * @param encoderCache the vision encoder and what it has encoded before
 * @param writer writes prompts, and holds the tokenizer
 * @param decoders the language model
 * @param stopTokens ids of the tokens that end an answer
 */
record ModelParts(
    ModelPackage files,
    Training training,
    PictureTiling tiling,
    EncoderCache encoderCache,
    PromptWriter writer,
    Decoders decoders,
    Set<Long> stopTokens)
    implements AutoCloseable {

  private static final String NO_LINE_BREAKS =
      "the package has no vector image_newline, so rows of visual tokens end without it, unlike in transformers; docs/models.md says how to add it";

  /**
   * What a package holds of its training.
   *
   * @param methods weights for trained methods
   * @param domain whether pictures are like those of the training, if the package describes what
   *     these were like
   * @param generation how its tokens are chosen
   */
  record Training(
      TrainedMethods methods, Optional<DomainCheck> domain, GenerationConfig generation) {}

  /** How tokens are chosen, as the package prescribes it. */
  GenerationConfig generation() {
    return training.generation();
  }

  /** The package's weights for trained methods. */
  TrainedMethods trained() {
    return training.methods();
  }

  /**
   * The decoders of a model.
   *
   * @param staged cut where plans act; serves all plans without a router
   * @param routed cut after each layer; serves plans with a router
   * @param sharing how requests share them
   */
  record Decoders(StagedDecoderManager staged, RoutedDecoders routed, Sharing sharing) {}

  /**
   * Makes sure that the model can follow a plan; runs and opens nothing.
   *
   * @throws IllegalArgumentException if not; the message lists what the model can do
   */
  void check(PruningPlan plan) {
    new PlanCheck(files.name(), encoderCache.encoder(), decoders.staged(), trained()).check(plan);
    tiling.check(plan);
    if (plan.router() != null) {
      decoders.routed().check(plan.router());
    }
  }

  /**
   * Checks a plan, opens the decoder of its router, and returns whether nothing is left to prepare.
   *
   * @throws IllegalArgumentException as {@link #check}
   */
  boolean serves(PruningPlan plan) {
    check(plan);
    if (plan.router() != null) {
      decoders.routed().get(plan.router());
    }
    return decoders.staged().serves(plan);
  }

  /** What the package has to say of an answer with these options. */
  List<String> notes(AskOptions options) {
    Stream<String> ofPackage =
        Stream.of(files.familyNote(), files.note(), files.notice()).flatMap(Optional::stream);
    Stream<String> ofPrompts = lacksLineBreaks() ? Stream.of(NO_LINE_BREAKS) : Stream.empty();
    Stream<String> ofSampling =
        options.choosesSampler() ? Stream.empty() : generation().noteIfGreedy().stream();
    return Stream.of(ofPackage, generation().notes().stream(), ofSampling, ofPrompts, ofDevices())
        .flatMap(notes -> notes)
        .toList();
  }

  /** Where each graph is computed, without one in another process. */
  Map<Session, Placement> placements() {
    Map<Session, Placement> placements = new EnumMap<>(Session.class);
    StagedDecoder decoder = decoders.staged().decoder();
    encoderCache
        .encoder()
        .placement()
        .ifPresent(place -> placements.put(Session.VISION_ENCODER, place));
    placements.put(Session.EMBED_TOKENS, decoder.embeddings().placement());
    placements.put(
        Session.DECODER,
        Placement.joined(decoder.stages().stream().map(StageSignature::placement).toList()));
    return placements;
  }

  /** Says where a model runs that does not run on the processor alone, or was to run elsewhere. */
  private Stream<String> ofDevices() {
    Collection<Placement> placements = placements().values();
    Stream<String> notes = placements.stream().flatMap(place -> place.note().stream());
    return placements.stream().allMatch(place -> place.device().equals(Device.CPU))
        ? notes
        : Stream.concat(Stream.of("devices: " + devices()), notes);
  }

  /** The device of each graph in this process. */
  Devices devices() {
    Map<Session, Device> devices = new EnumMap<>(Session.class);
    placements().forEach((session, place) -> devices.put(session, place.device()));
    return new Devices(devices);
  }

  private boolean lacksLineBreaks() {
    return writer.lineBreak() == null
        && ImageTilers.kind(files.preprocessorConfig()).filter("any-res"::equals).isPresent();
  }

  /** What of the encoder every prompt takes, whatever a plan needs. */
  Set<Evidence<?>> always() {
    Set<Evidence<?>> always = new HashSet<>(decoders.staged().decoder().deepFeatures());
    always.addAll(encoderCache.encoder().ofPrompts());
    return always;
  }

  /** Most tokens of prompt and answer together that the model was made for. */
  int contextTokens() {
    String key = "max_position_embeddings";
    int own = files.config().path(key).asInt(Integer.MAX_VALUE);
    int ofJanus = files.config().path("language_config").path(key).asInt(own);
    return files.config().path("text_config").path(key).asInt(ofJanus);
  }

  /** The most tokens with RoPE's frequencies for short texts ({@link RopeSwitch}). */
  OptionalInt ropeSwitch() {
    return RopeSwitch.of(files.config());
  }

  @Override
  public void close() {
    decoders.routed().close();
    decoders.staged().close();
    encoderCache.encoder().close();
    writer.tokenizer().close();
  }
}
