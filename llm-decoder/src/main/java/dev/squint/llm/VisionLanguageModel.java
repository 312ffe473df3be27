package dev.squint.llm;

import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.batch.BatchListener;
import dev.squint.llm.model.Devices;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.TrainedMethods;
import dev.squint.llm.prompt.PromptWriter;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.VisionEncoder;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.ImageTiler;
import dev.squint.vision.tile.PictureCache;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.FrameRule;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A vision-language model: pictures and a question in, an answer out.
 *
 * <p>Loaded once, thread-safe. {@link #close} waits for the answers in progress.
 */
public final class VisionLanguageModel implements AutoCloseable {

  private final ModelParts parts;
  // Requests run side by side; nothing runs while the decoder is cut or closed.
  private final OpenModel open;
  private final PlanPreparation plans;
  private final List<Consumer<Answer>> listeners = new CopyOnWriteArrayList<>();

  private VisionLanguageModel(ModelParts parts, CalibrationFiles calibrations) {
    this.parts = parts;
    this.open = new OpenModel(parts);
    this.plans = new PlanPreparation(parts, open, calibrations);
  }

  /**
   * Loads a package with {@link LoadOptions#DEFAULT}.
   *
   * @throws IllegalArgumentException if the package is broken or not supported
   */
  public static VisionLanguageModel load(Path folder) {
    return load(folder, LoadOptions.DEFAULT);
  }

  /**
   * Loads a package.
   *
   * @throws IllegalArgumentException if the package is broken or of a kind that Squint does not
   *     know, and the message names the file; or if its decoder cannot be cut where a plan of the
   *     options acts, and the message names the plan
   * @throws dev.squint.vision.onnx.DeviceUnavailableException if a device is not available or
   *     cannot run its graph
   */
  public static VisionLanguageModel load(Path folder, LoadOptions options) {
    return new VisionLanguageModel(ModelLoader.load(folder, options), options.calibrations());
  }

  /** The model package. */
  public ModelPackage model() {
    return parts.files();
  }

  /** The device on which each graph runs. */
  public Devices devices() {
    return parts.devices();
  }

  /**
   * Decoded pictures of earlier questions, and their tiles. A file that is read through it is
   * decoded and resized once, as long as it is kept.
   */
  public PictureCache pictures() {
    return parts.tiling().cache();
  }

  /** Cuts pictures into the tiles that the model takes. */
  public ImageTiler tiler() {
    return parts.tiling().tiler();
  }

  /** The tiles of pictures as an answer under a plan lists them. */
  public List<TiledImage> tiles(List<Picture> pictures, PruningPlan plan) {
    return parts.tiling().tiles(pictures, plan);
  }

  /** The tiles of an answered conversation as the answer lists them; dropped frames have none. */
  public List<TiledImage> tiles(List<Message> conversation, Answer answer) {
    return parts.tiling().tiles(conversation, answer);
  }

  /** Writes prompts. */
  public PromptWriter writer() {
    return parts.writer();
  }

  /** Most tokens of prompt and answer together that the model was made for. */
  public int contextTokens() {
    return parts.contextTokens();
  }

  /** The decoder with its current stages. */
  public StagedDecoder decoder() {
    return parts.decoders().staged().decoder();
  }

  /** What the package holds for trained methods. */
  public TrainedMethods trained() {
    return parts.trained();
  }

  /** The vision encoder. */
  public VisionEncoder encoder() {
    return parts.encoderCache().encoder();
  }

  /** Answers a question about a picture with all visual tokens. */
  public Answer ask(Picture picture, String question) {
    return ask(List.of(picture), question, AskOptions.DEFAULT);
  }

  /** Answers a question about pictures. */
  public Answer ask(List<Picture> pictures, String question, AskOptions options) {
    return ask(List.of(Message.user(pictures, question)), options);
  }

  /** Answers a question about a video. */
  public Answer ask(Clip clip, String question, AskOptions options) {
    return ask(List.of(Message.user(clip, question)), options);
  }

  /**
   * Reads frames of a video as the package's own rule chooses them, or evenly where it has none.
   *
   * @throws IllegalArgumentException if the file is no video, damaged, or beyond a limit; the
   *     message names the file
   */
  public Clip clip(Path file, ClipOptions options) {
    return parts.tiling().clip(file, options);
  }

  /** Which frames of a video the model is shown. */
  public FrameRule frameRule() {
    return parts.tiling().frameRule();
  }

  /**
   * Answers the last message of a conversation.
   *
   * @throws IllegalArgumentException if the model cannot follow the plan or take the conversation;
   *     a {@link ContextExceeded} if this is too long
   * @throws IllegalStateException if the model is closed
   */
  public Answer ask(List<Message> conversation, AskOptions given) {
    AskOptions options = given.withPlan(plans.prepare(given.plan()));
    if (conversation.isEmpty()) {
      throw new IllegalArgumentException("a conversation has at least one message");
    }
    Answer answer = open.shared(() -> new RequestRun(parts, conversation, options).answer());
    listeners.forEach(listener -> listener.accept(answer));
    return answer;
  }

  /**
   * Passes every later answer to a listener, also those of cancelled requests; failed requests have
   * no answer.
   *
   * @param listener called on the thread of the request, from several threads at once; what it
   *     throws reaches the caller of {@code ask}
   */
  public void listen(Consumer<Answer> listener) {
    listeners.add(listener);
  }

  /**
   * Notifies a listener of every later step and chunk, if questions are decoded together ({@link
   * LoadOptions#withBatching}).
   */
  public void listenToBatches(BatchListener listener) {
    parts.decoders().sharing().listeners().add(listener);
  }

  /**
   * Makes the model ready for a plan, which the first question with it would do otherwise: cuts the
   * decoder where the plan acts, and asks a few questions about drawn pictures if the plan leaves a
   * curve to the model. Waits for the answers in progress if there is something to do.
   *
   * @throws IllegalArgumentException if the model cannot follow the plan
   * @throws IllegalStateException if the model is closed
   */
  public void prepare(PruningPlan plan) {
    plans.prepare(plan);
  }

  /**
   * Draws what an answer kept of pictures, one drawing for each: what was dropped is dimmed.
   *
   * @param pictures those of the question, in its order
   * @throws IllegalArgumentException if the answer is about other pictures, or was cancelled before
   *     they were encoded
   */
  public List<Picture> map(List<Picture> pictures, Answer answer) {
    return parts.tiling().map(pictures, answer);
  }

  /**
   * Draws what an answer kept of a video: one picture for each frame that the model was shown.
   *
   * @throws IllegalArgumentException if it is about something else, or was cancelled too early
   */
  public List<Picture> map(Clip clip, Answer answer) {
    return parts.tiling().map(clip, answer);
  }

  /**
   * Checks before anything runs whether this model can follow a plan.
   *
   * @throws IllegalArgumentException if not; the message lists what the model can do
   */
  public void check(PruningPlan plan) {
    plans.check(plan);
  }

  /** Makes the model ready for plans. */
  PlanPreparation plans() {
    return plans;
  }

  /** What the model is made of. */
  ModelParts parts() {
    return parts;
  }

  /** Whether the model is closed, so that it answers no more; never waits. */
  public boolean isClosed() {
    return open.isClosed();
  }

  @Override
  public void close() {
    open.close();
  }
}
