package dev.squint.llm.prompt;

import dev.squint.llm.chat.ChatTemplate;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.PositionIds;
import dev.squint.llm.decoder.PromptEmbeddings;
import dev.squint.llm.decoder.TextEmbeddings;
import dev.squint.llm.model.Tokenizer;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes prompts for one model. Immutable and thread-safe.
 *
 * @param template writes the conversation, one image token for each picture
 * @param tokenizer the model's
 * @param pictureText what takes the place of a picture's image token
 * @param imageToken stands for a picture in the template and for a visual token in the prompt
 * @param imageTokenId its id
 * @param beginToken what the tokenizer puts before a text; left to the template where it writes it
 *     itself; may be empty
 * @param firstPosition position id of the first token: 0, or 1 for some models
 */
public record PromptWriter(
    ChatTemplate template,
    Tokenizer tokenizer,
    PictureText pictureText,
    String imageToken,
    long imageTokenId,
    String beginToken,
    int firstPosition) {

  /**
   * Writes a conversation in which the pictures have these tokens left.
   *
   * @param tokens the pictures' tokens, frames counted as the pictures are in the conversation
   * @throws IllegalArgumentException if a text contains the image token, or the template does not
   *     write one for each picture
   */
  public Prompt write(List<Message> conversation, PatchTokens tokens) {
    refuseImageTokens(conversation);
    List<String> pictures = pictureTexts(tokens);
    String expanded = expand(template.render(conversation), pictures);
    // Adding it twice changes the answer; transformers looks at the text in the same way.
    boolean begun = !beginToken.isEmpty() && expanded.startsWith(beginToken);
    long[] ids = tokenizer.encode(expanded, !begun);
    int[] visual = IntStream.range(0, ids.length).filter(i -> ids[i] == imageTokenId).toArray();
    if (visual.length != tokens.size()) {
      throw new IllegalArgumentException(
          "the prompt has %d image placeholders but %d visual tokens are left"
              .formatted(visual.length, tokens.size()));
    }
    return new Prompt(expanded, ids, visual);
  }

  /** The text's embeddings with the visual tokens in the places of their placeholders. */
  public PromptEmbeddings embed(Prompt prompt, PatchTokens tokens, TextEmbeddings embeddings) {
    FloatBuffer text = embeddings.of(prompt.ids());
    int size = text.remaining() / prompt.ids().length;
    Matrix features = tokens.features();
    if (tokens.size() > 0 && features.cols() != size) {
      throw new IllegalArgumentException(
          "visual tokens have %d values but text embeddings %d".formatted(features.cols(), size));
    }
    FloatBuffer values =
        ByteBuffer.allocateDirect(text.remaining() * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer()
            .put(text);
    for (int i = 0; i < prompt.visual().length; i++) {
      values.put(prompt.visual()[i] * size, features.data(), i * size, size);
    }
    int length = prompt.ids().length;
    return new PromptEmbeddings(
        values.rewind(), PositionIds.counting(firstPosition, length), firstPosition + length);
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
    long[] ids = tokenizer.encode(words.toString(), false);
    if (ids.length == 0) {
      return new Matrix(0, size, new float[0]);
    }
    float[] values = new float[ids.length * size];
    embeddings.of(ids).get(values);
    return new Matrix(ids.length, size, values);
  }

  private void refuseImageTokens(List<Message> conversation) {
    for (Message message : conversation) {
      for (Content piece : message.content()) {
        if (piece instanceof Content.Text text && text.text().contains(imageToken)) {
          throw new IllegalArgumentException(
              "the text contains '%s', which stands for a picture in this model; write it otherwise"
                  .formatted(imageToken));
        }
      }
    }
  }

  private List<String> pictureTexts(PatchTokens tokens) {
    int[] left = new int[tokens.tiles().size()];
    for (TokenPosition position : tokens.positions()) {
      left[position.tile()]++;
    }
    List<List<TileTokens>> pictures = new ArrayList<>();
    for (int t = 0; t < left.length; t++) {
      Tile tile = tokens.tiles().get(t);
      while (pictures.size() <= tile.frame()) {
        pictures.add(new ArrayList<>());
      }
      pictures.get(tile.frame()).add(new TileTokens(tile, left[t]));
    }
    return pictures.stream().map(pictureText::of).toList();
  }

  private String expand(String written, List<String> pictures) {
    StringBuilder expanded = new StringBuilder();
    int from = 0;
    int found = 0;
    for (int at = written.indexOf(imageToken); at >= 0; at = written.indexOf(imageToken, from)) {
      expanded.append(written, from, at);
      expanded.append(found < pictures.size() ? pictures.get(found) : "");
      found++;
      from = at + imageToken.length();
    }
    if (found != pictures.size()) {
      throw new IllegalArgumentException(
          "the chat template wrote '%s' %d times for %d pictures"
              .formatted(imageToken, found, pictures.size()));
    }
    return expanded.append(written, from, written.length()).toString();
  }
}
