package dev.squint.llm.prompt;

import ai.onnxruntime.OrtSession;
import dev.squint.llm.chat.ChatTemplate;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Literals;
import dev.squint.llm.chat.Message;
import dev.squint.llm.chat.Written;
import dev.squint.llm.decoder.input.LayerInputs;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.model.Family;
import dev.squint.llm.model.Tokenizer;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.TileSummary;
import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes prompts for one model. Immutable and thread-safe.
 *
 * @param template writes the conversation, one placeholder for each picture
 * @param tokenizer the model's
 * @param pictureText what takes the place of a picture's placeholder
 * @param videoText what takes the place of a video's placeholder, or null if there is none
 * @param special the tokens that stand for pictures and for the start of a text
 * @param family how tokens are counted
 * @param lineBreak the vector that ends a row of visual tokens, and that of the separator where
 *     there is one, [1, D] or [2, D]; null if there is none
 */
public record PromptWriter(
    ChatTemplate template,
    Tokenizer tokenizer,
    PictureText pictureText,
    @Nullable VideoText videoText,
    PromptTokens special,
    Family family,
    @Nullable Matrix lineBreak) {

  private static final Matrix NO_LINE_BREAK = new Matrix(0, 0, new float[0]);

  /** The same for a decoder that takes no position ids. */
  public PromptWriter countingFromZero() {
    return new PromptWriter(
        template, tokenizer, pictureText, videoText, special, family.countingFromZero(), lineBreak);
  }

  /** What the model is given of the encoder's tokens before anything is pruned. */
  public TokenReduction given(List<Message> conversation, PatchTokens tokens) {
    TokenReduction given = pictureText.given(tokens);
    if (videoText == null) {
      return given;
    }
    Set<Integer> frames = new HashSet<>();
    int picture = 0;
    for (Content piece : Message.lookedAt(conversation)) {
      int pictures = piece instanceof Content.Frames video ? video.pictures() : 1;
      for (int i = 0; i < pictures; i++, picture++) {
        if (piece instanceof Content.Frames) {
          frames.add(picture);
        }
      }
    }
    return given.then(videoText.given(tokens.reduced(given), frames));
  }

  /**
   * Writes a conversation in which the pictures have these tokens left.
   *
   * @param tokens the pictures' tokens, frames counted as the pictures are in the conversation
   * @throws IllegalArgumentException if the template does not write a placeholder for each picture
   */
  public Prompt write(List<Message> conversation, PatchTokens tokens) {
    Pictures left = pictures(conversation, tokens);
    // Where a picture was matters for the positions of what follows.
    Pictures asked = family.mrope() ? left.marked(special.image(), videoText) : left;
    Written written = template.write(conversation, special.inTexts());
    Literals literals = written.literals();
    Expanded expanded = expand(written.text(), asked);
    List<PictureTokens> pictures = expanded.pictures();
    long[] ids =
        family.inPieces()
            ? inPieces(written.text(), pictures, literals)
            : encoded(expanded.text(), literals);
    PromptBuilder builder = new PromptBuilder(family, ids.length, tokens.size());
    int picture = 0;
    int slot = 0;
    for (long id : ids) {
      if (!isVisual(id)) {
        builder.text(id);
        continue;
      }
      while (picture < pictures.size() && slot == pictures.get(picture).slots().length) {
        picture++;
        slot = 0;
      }
      if (picture == pictures.size()) {
        throw placeholders(ids, tokens);
      }
      builder.slot(id, pictures.get(picture), slot++);
    }
    if (!builder.isComplete()) {
      throw placeholders(ids, tokens);
    }
    return builder.prompt(literals.restore(expand(written.text(), left).text()));
  }

  private long[] encoded(String text, Literals literals) {
    // Adding it twice changes the answer; transformers checks the text in the same way.
    boolean begun = !special.begin().isEmpty() && text.startsWith(special.begin());
    return tokenizer.encode(text, special.inTexts(), literals, !begun && !family.beginsItself());
  }

  /** The ids where each text between pictures is encoded as if it were a whole text. */
  private long[] inPieces(String written, List<PictureTokens> pictures, Literals literals) {
    LongStream.Builder ids = LongStream.builder();
    String[] texts = placeholders().split(written, -1);
    for (int i = 0; i < texts.length; i++) {
      LongStream.of(encoded(texts[i], literals)).forEach(ids);
      int slots = i < pictures.size() ? pictures.get(i).slots().length : 0;
      LongStream.range(0, slots).forEach(slot -> ids.add(special.imageId()));
    }
    return ids.build().toArray();
  }

  private boolean isVisual(long id) {
    return id == special.imageId() || (videoText != null && id == videoText.id());
  }

  private IllegalArgumentException placeholders(long[] ids, PatchTokens tokens) {
    return new IllegalArgumentException(
        "the prompt has %d image placeholders but %d visual tokens are left"
            .formatted(LongStream.of(ids).filter(this::isVisual).count(), tokens.size()));
  }

  /**
   * The text's embeddings with the visual tokens in the places of their placeholders.
   *
   * @throws IllegalArgumentException if visual tokens and text have embeddings of different sizes
   */
  public PromptEmbeddings embed(Prompt prompt, PatchTokens tokens, TextEmbeddings embeddings) {
    int length = prompt.ids().length;
    FloatBuffer text;
    LayerInputs layerInputs;
    try (OrtSession.Result result = embeddings.run(prompt.ids(), 1)) {
      text = embeddings.embeddings(result).getFloatBuffer();
      layerInputs = embeddings.layerInputs(result, length);
    }
    int size = text.remaining() / length;
    Matrix features = tokens.features();
    if (tokens.size() > 0 && features.cols() != size) {
      throw new IllegalArgumentException(
          "visual tokens have %d values but text embeddings %d".formatted(features.cols(), size));
    }
    if (lineBreak != null && lineBreak.cols() != size) {
      throw new IllegalArgumentException(
          "the vector image_newline has %d values but text embeddings %d"
              .formatted(lineBreak.cols(), size));
    }
    FloatBuffer values = DirectBuffers.floats(text.remaining()).put(text);
    for (int i = 0; i < prompt.visual().length; i++) {
      values.put(prompt.visual()[i] * size, features.data(), i * size, size);
    }
    boolean summarised = tokens.evidenceKinds().contains(new TileSummary());
    float[] vectors =
        (summarised
                ? tokens.evidence(new TileSummary())
                : Objects.requireNonNullElse(lineBreak, NO_LINE_BREAK))
            .data();
    for (int i = 0; i < prompt.lineBreaks().length; i++) {
      int vector = summarised ? i : prompt.vectors()[i];
      values.put(prompt.lineBreaks()[i] * size, vectors, vector * size, size);
    }
    PromptEmbeddings embedded =
        new PromptEmbeddings(values.rewind(), prompt.positions(), prompt.nextPosition());
    return embedded.with(
        PromptExtras.of(prompt, tokens, layerInputs.with(() -> embedded.rows(0, length))));
  }

  /**
   * Embeddings of the words of the last question, [T, D], for methods that look for what is asked;
   * [0, D] if the last message has no words.
   */
  public Matrix question(List<Message> conversation, TextEmbeddings embeddings, int size) {
    StringBuilder words = new StringBuilder();
    for (Content piece : conversation.get(conversation.size() - 1).content()) {
      if (piece instanceof Content.Text text) {
        words.append(text.text());
      }
    }
    long[] ids = tokenizer.encodePlain(words.toString(), special.inTexts());
    if (ids.length == 0) {
      return new Matrix(0, size, new float[0]);
    }
    float[] values = new float[ids.length * size];
    embeddings.of(ids).get(values);
    return new Matrix(ids.length, size, values);
  }

  private Pictures pictures(List<Message> conversation, PatchTokens tokens) {
    List<List<TokenPosition>> left = new ArrayList<>();
    tokens.tiles().forEach(tile -> left.add(new ArrayList<>()));
    tokens.positions().forEach(position -> left.get(position.tile()).add(position));
    List<List<TileTokens>> tiles = new ArrayList<>();
    for (int t = 0; t < left.size(); t++) {
      Tile tile = tokens.tiles().get(t);
      while (tiles.size() <= tile.frame()) {
        tiles.add(new ArrayList<>());
      }
      tiles.get(tile.frame()).add(new TileTokens(tile, left.get(t)));
    }
    return Pictures.of(conversation, tiles, pictureText, videoText);
  }

  /** What was written, and the pictures and videos in the order in which it was. */
  private record Expanded(String text, List<PictureTokens> pictures) {}

  private Expanded expand(String written, Pictures pictures) {
    StringBuilder expanded = new StringBuilder();
    List<PictureTokens> inOrder = new ArrayList<>();
    Matcher found = placeholders().matcher(written);
    int[] count = new int[2];
    while (found.find()) {
      boolean video = videoText != null && found.group().equals(videoText.token());
      List<PictureTokens> kind = video ? pictures.videos() : pictures.stills();
      int index = count[video ? 1 : 0]++;
      String text = "";
      if (index < kind.size()) {
        inOrder.add(kind.get(index));
        text = kind.get(index).text();
      }
      found.appendReplacement(expanded, Matcher.quoteReplacement(text));
    }
    requireAll(special.placeholder(), count[0], pictures.stills(), "pictures");
    requireAll(videoText == null ? "" : videoText.token(), count[1], pictures.videos(), "videos");
    return new Expanded(found.appendTail(expanded).toString(), inOrder);
  }

  private Pattern placeholders() {
    String pictures = Pattern.quote(special.placeholder());
    return Pattern.compile(
        videoText == null ? pictures : pictures + "|" + Pattern.quote(videoText.token()));
  }

  private static void requireAll(
      String placeholder, int found, List<PictureTokens> asked, String kind) {
    if (found != asked.size()) {
      throw new IllegalArgumentException(
          "the chat template wrote '%s' %d times for %d %s"
              .formatted(placeholder, found, asked.size(), kind));
    }
  }
}
