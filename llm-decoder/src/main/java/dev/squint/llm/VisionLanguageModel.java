package dev.squint.llm;

import dev.squint.llm.chat.ChatTemplate;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.PrefixCache;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.TextEmbeddings;
import dev.squint.llm.model.Family;
import dev.squint.llm.model.LineBreak;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Tokenizer;
import dev.squint.llm.model.TrainedMethods;
import dev.squint.llm.model.Variants;
import dev.squint.llm.prompt.ClipText;
import dev.squint.llm.prompt.PictureText;
import dev.squint.llm.prompt.PromptWriter;
import dev.squint.llm.prompt.VideoText;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.RouterMethod;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.encoder.OnnxVisionEncoder;
import dev.squint.vision.encoder.VisionEncoder;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.Downsampling;
import dev.squint.vision.tile.FrameTiler;
import dev.squint.vision.tile.ImageTiler;
import dev.squint.vision.tile.ImageTilers;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenMap;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.FrameRule;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoReader;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A vision-language model: pictures and a question in, an answer out.
 *
 * <p>Loaded once and used from any number of threads. {@link #close} waits for the answers under
 * way.
 */
public final class VisionLanguageModel implements AutoCloseable {

  private final ModelPackage model;
  private final ImageTiler tiler;
  private final ImageTiler nativeSizeTiler;
  private final FrameTiler frameTiler;
  private final FrameRule frameRule;
  private final ClipText clipText;
  private final int framesTogether;
  private final VisionEncoder encoder;
  private final EncoderCache encoderCache;
  private final PromptWriter writer;
  private final StagedDecoderManager decoder;
  private final TrainedMethods trained;
  private final RoutedDecoders routed;
  private final Set<Long> stopTokens;
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();
  private boolean closed;

  private VisionLanguageModel(
      ModelPackage model,
      ImageTiler tiler,
      ImageTiler nativeSizeTiler,
      VisionEncoder encoder,
      EncoderCache encoderCache,
      PromptWriter writer,
      StagedDecoderManager decoder,
      TrainedMethods trained,
      RoutedDecoders routed,
      Set<Long> stopTokens) {
    this.model = model;
    this.tiler = tiler;
    this.nativeSizeTiler = nativeSizeTiler;
    this.frameTiler = ImageTilers.ofFrames(model.preprocessorConfig(), model.videoConfig());
    this.frameRule = FrameRule.of(model.preprocessorConfig(), model.videoConfig());
    // Without a placeholder for videos their frames are pictures.
    boolean asPictures =
        writer.videoText() == null && model.family().clips() != Family.Clips.ANNOUNCED;
    this.clipText =
        ClipText.of(
            asPictures ? Family.Clips.FRAMES : model.family().clips(), frameTiler.together());
    this.framesTogether = writer.videoText() == null ? 1 : frameTiler.together();
    this.encoder = encoder;
    this.encoderCache = encoderCache;
    this.writer = writer;
    this.decoder = decoder;
    this.trained = trained;
    this.routed = routed;
    this.stopTokens = stopTokens;
  }

  /**
   * Loads a package, each graph in the form that the package recommends.
   *
   * @throws IllegalArgumentException if the package is broken or of a kind that Squint does not
   *     know; the message names the file
   */
  public static VisionLanguageModel load(Path folder) {
    return load(folder, LoadOptions.DEFAULT);
  }

  /**
   * Loads a package.
   *
   * @param variants which form of each graph is wanted
   * @param settings threads of the graphs
   * @throws IllegalArgumentException if the package is broken or of a kind that Squint does not
   *     know; the message names the file
   */
  public static VisionLanguageModel load(Path folder, Variants variants, SessionSettings settings) {
    return load(folder, LoadOptions.DEFAULT.withVariants(variants).withSettings(settings));
  }

  /**
   * Loads a package.
   *
   * @throws IllegalArgumentException if the package is broken or of a kind that Squint does not
   *     know, and the message names the file; or if its decoder cannot be cut where a plan of the
   *     options acts, and the message names the plan
   */
  public static VisionLanguageModel load(Path folder, LoadOptions options) {
    SessionSettings settings = options.settings();
    ModelPackage model = ModelPackage.read(folder, options.variants());
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      Tokenizer tokenizer = keep(opened, Tokenizer.load(model));
      ImageToken imageToken = ImageToken.of(model, tokenizer);
      ChatTemplate template = template(model, imageToken);
      ImageTiler nativeSizeTiler = ImageTilers.ofNativeSize(model.preprocessorConfig());
      ImageTiler tiler =
          options.nativeSizeCap() ? nativeSizeTiler : ImageTilers.of(model.preprocessorConfig());
      OnnxVisionEncoder encoder =
          keep(opened, OnnxVisionEncoder.open(model.graph(Session.VISION_ENCODER), settings));
      Optional<Matrix> lineBreak = encoder.lineBreak().or(() -> LineBreak.of(model));
      PromptWriter writer = writer(model, tokenizer, template, imageToken, lineBreak);
      OnnxSession words =
          keep(opened, OnnxSession.open(model.graph(Session.EMBED_TOKENS), settings));
      TextEmbeddings embeddings = new TextEmbeddings(words);
      TrainedMethods trained = TrainedMethods.of(model);
      StagedDecoderManager decoder =
          keep(
              opened,
              new StagedDecoderManager(
                  model.graph(Session.DECODER),
                  embeddings,
                  options.cuts(),
                  options.plans(),
                  options.prefixCacheBytes(),
                  settings));
      return new VisionLanguageModel(
          model,
          tiler,
          nativeSizeTiler,
          encoder,
          new EncoderCache(encoder, options.encoderCacheBytes(), options.encodings()),
          decoder.decoder().countsPositions() ? writer.countingFromZero() : writer,
          decoder,
          trained,
          new RoutedDecoders(
              model.name(), model.graph(Session.DECODER), trained, embeddings, settings),
          StopTokens.of(model, tokenizer, template));
    } catch (RuntimeException e) {
      opened.forEach(VisionLanguageModel::closeQuietly);
      throw named(e, folder);
    }
  }

  private static PromptWriter writer(
      ModelPackage model,
      Tokenizer tokenizer,
      ChatTemplate template,
      ImageToken imageToken,
      Optional<Matrix> lineBreak) {
    return new PromptWriter(
        template,
        tokenizer,
        PictureText.of(model, imageToken.text(), lineBreak.isPresent()),
        imageToken.text(),
        imageToken.id(),
        placeholder(model, imageToken),
        model.specialToken("bos_token").orElse(""),
        model.family(),
        lineBreak.orElse(null),
        VideoText.of(model, tokenizer, template, lineBreak.isPresent()).orElse(null));
  }

  private static String placeholder(ModelPackage model, ImageToken imageToken) {
    String role = model.family().placeholder();
    return role.equals("image_token") ? imageToken.text() : model.requiredToken(role);
  }

  // What lies below knows the file, not the package.
  private static RuntimeException named(RuntimeException e, Path folder) {
    String message = String.valueOf(e.getMessage());
    return e instanceof IllegalArgumentException
            && !(e instanceof StagedDecoderManager.RefusedPlan)
            && !message.contains(folder.toString())
        ? new IllegalArgumentException("broken model package %s: %s".formatted(folder, message), e)
        : e;
  }

  private static <T extends AutoCloseable> T keep(Deque<AutoCloseable> opened, T resource) {
    opened.push(resource);
    return resource;
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception ignored) {
      // The failure that made us close is the one to report.
    }
  }

  private static ChatTemplate template(ModelPackage model, ImageToken imageToken) {
    try {
      return new ChatTemplate(
          model.chatTemplate(), placeholder(model, imageToken), specialTokens(model));
    } catch (IllegalArgumentException e) {
      throw model.broken("chat_template.jinja", "cannot be used: " + e.getMessage());
    }
  }

  private static Map<String, String> specialTokens(ModelPackage model) {
    Map<String, String> tokens = new HashMap<>();
    for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      model.specialToken(name).ifPresent(token -> tokens.put(name, token));
    }
    return tokens;
  }

  /** What the package says. */
  public ModelPackage model() {
    return model;
  }

  /** Cuts pictures into tiles as the model wants them. */
  public ImageTiler tiler() {
    return tiler;
  }

  /**
   * The tiles of pictures as a plan's answer lists them: those of {@link #tiler}, unless the plan
   * shrinks pictures.
   */
  public List<TiledImage> tiles(List<Picture> pictures, PruningPlan plan) {
    List<TiledImage> full = pictures.isEmpty() ? List.of() : tiler.tile(pictures);
    return plan.pictureShare() == 1 ? full : shrunkPictures(pictures, full, plan);
  }

  /**
   * The tiles of the pictures and frames of a conversation as an answer lists them, in the order of
   * the prompt; frames that the plan left out have none.
   *
   * @param conversation the one that was answered
   */
  public List<TiledImage> tiles(List<Message> conversation, Answer answer) {
    Iterator<List<Double>> seconds = answer.frameSeconds().iterator();
    List<Content> images = new ArrayList<>();
    for (Message message : conversation) {
      for (Content content : message.content()) {
        if (content instanceof Content.Image) {
          images.add(content);
        } else if (content instanceof Content.Video video) {
          images.addAll(written(lookedAt(video.clip(), seconds.next())));
        }
      }
    }
    List<TiledImage> full = tiled(images);
    return answer.plan().pictureShare() == 1 ? full : shrunk(images, full, answer.plan());
  }

  private static Clip lookedAt(Clip clip, List<Double> seconds) {
    return new Clip(
        clip.seconds(),
        clip.frames().stream().filter(frame -> seconds.contains(frame.seconds())).toList());
  }

  /** The pictures or frames as which a clip is written. */
  private List<Content> written(Clip clip) {
    return Message.lookedAt(List.of(new Message("user", clipText.of(clip))));
  }

  /** A conversation with its videos written as the model has them. */
  ExpandedConversation written(List<Message> conversation, PruningPlan plan) {
    return ExpandedConversation.of(conversation, plan, clipText, framesTogether);
  }

  /** The tiles of pictures and frames, all of them. */
  List<TiledImage> tiled(List<Content> images) {
    List<Picture> stills = new ArrayList<>();
    for (Content content : images) {
      if (content instanceof Content.Image image && !image.frame()) {
        stills.add(image.picture());
      }
    }
    Deque<TiledImage> ofStills =
        new ArrayDeque<>(stills.isEmpty() ? List.of() : tiler.tile(stills));
    List<TiledImage> tiled = new ArrayList<>();
    for (Content content : images) {
      if (content instanceof Content.Frames frames) {
        tiled.addAll(frameTiler.tile(frames.clip().pictures()));
      } else if (content instanceof Content.Image image) {
        tiled.add(image.frame() ? frameTiler.tile(image.picture()) : ofStills.remove());
      }
    }
    return tiled;
  }

  /** The tiles of pictures that a plan shrinks; frames of videos stay as they are. */
  List<TiledImage> shrunk(List<Content> images, List<TiledImage> full, PruningPlan plan) {
    List<TiledImage> shrunk = new ArrayList<>();
    for (Content content : images) {
      List<TiledImage> rest = full.subList(shrunk.size(), full.size());
      if (content instanceof Content.Image image && !image.frame()) {
        shrunk.addAll(shrunkPictures(List.of(image.picture()), rest.subList(0, 1), plan));
      } else {
        int pictures = content instanceof Content.Frames frames ? frames.pictures() : 1;
        shrunk.addAll(rest.subList(0, pictures));
      }
    }
    return shrunk;
  }

  private List<TiledImage> shrunkPictures(
      List<Picture> pictures, List<TiledImage> full, PruningPlan plan) {
    return Downsampling.shrink(pictures, full, nativeSizeTiler, plan.pictureShare());
  }

  /** Writes prompts. */
  public PromptWriter writer() {
    return writer;
  }

  /** Most tokens of prompt and answer together that the model was made for. */
  public int contextTokens() {
    String key = "max_position_embeddings";
    int own = model.config().path(key).asInt(Integer.MAX_VALUE);
    return model.config().path("text_config").path(key).asInt(own);
  }

  /** The tokens at which an answer ends. */
  public Set<Long> stopTokens() {
    return stopTokens;
  }

  /** The decoder, as it is cut now. */
  public StagedDecoder decoder() {
    return decoder.decoder();
  }

  /** What prompts left behind in the decoder as it is cut now. */
  PrefixCache prefixes() {
    return decoder.prefixes();
  }

  /** The decoder for a mixture of depths. */
  StagedDecoder routed(RouterMethod method) {
    return routed.get(method);
  }

  /** What the package holds for trained methods. */
  public TrainedMethods trained() {
    return trained;
  }

  /** The vision encoder. */
  public VisionEncoder encoder() {
    return encoder;
  }

  /** Answers a question about a picture, looking at all visual tokens. */
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
    try (Video video = new VideoReader().open(file)) {
      return Clip.read(video, frameRule, options);
    }
  }

  /** Which frames of a video the model is shown. */
  public FrameRule frameRule() {
    return frameRule;
  }

  /**
   * Answers the last message of a conversation.
   *
   * @throws IllegalArgumentException if the model cannot follow the plan or take the conversation;
   *     a {@link ContextExceeded} if this is too long
   * @throws IllegalStateException if the model is closed
   */
  public Answer ask(List<Message> conversation, AskOptions options) {
    prepare(options.plan());
    inUse.readLock().lock();
    try {
      requireOpen();
      if (conversation.isEmpty()) {
        throw new IllegalArgumentException("a conversation has at least one message");
      }
      return new RequestRun(this, encoderCache, conversation, options).answer();
    } finally {
      inUse.readLock().unlock();
    }
  }

  /**
   * Makes the model ready for a plan, which the first question with it would do otherwise: cuts the
   * decoder where the plan acts. Waits for the answers under way if there is something to do.
   *
   * @throws IllegalArgumentException if the model cannot follow the plan
   * @throws IllegalStateException if the model is closed
   */
  public void prepare(PruningPlan plan) {
    inUse.readLock().lock();
    try {
      requireOpen();
      check(plan);
      if (plan.router() != null) {
        routed.get(plan.router());
      }
      if (decoder.serves(plan)) {
        return;
      }
    } finally {
      inUse.readLock().unlock();
    }
    inUse.writeLock().lock();
    try {
      requireOpen();
      decoder.add(plan);
    } finally {
      inUse.writeLock().unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the model %s is closed".formatted(model.name()));
    }
  }

  /**
   * Draws where the language model looked: one picture for each that was asked about, what was
   * dropped dimmed.
   *
   * @param pictures those of the question, in its order
   * @throws IllegalArgumentException if the answer is about other pictures, or was cancelled before
   *     they were encoded
   */
  public List<Picture> map(List<Picture> pictures, Answer answer) {
    return TokenMap.draw(
        pictures, tiles(pictures, answer.plan()), answer.tiles(), answer.reduction());
  }

  /**
   * Draws where the language model looked in a video: one picture for each frame that it was shown.
   *
   * @throws IllegalArgumentException if the answer is about something else, or was cancelled before
   *     the frames were encoded
   */
  public List<Picture> map(Clip clip, Answer answer) {
    if (answer.frameSeconds().size() != 1) {
      throw new IllegalArgumentException(
          "the answer is about %d videos, not one".formatted(answer.frameSeconds().size()));
    }
    Clip frames = lookedAt(clip, answer.frameSeconds().get(0));
    return TokenMap.draw(
        frames.pictures(), tiled(written(frames)), answer.tiles(), answer.reduction());
  }

  /**
   * Says before anything runs whether this model can follow a plan.
   *
   * @throws IllegalArgumentException if not; the message says what the model can do
   */
  public void check(PruningPlan plan) {
    new PlanCheck(model.name(), encoder, decoder, trained).check(plan);
    if (plan.router() != null) {
      routed.check(plan.router());
    }
  }

  @Override
  public void close() {
    inUse.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        routed.close();
        decoder.close();
        encoder.close();
        writer.tokenizer().close();
      }
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
