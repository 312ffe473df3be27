package dev.squint.llm.prompt;

import dev.squint.llm.chat.ChatTemplate;
import dev.squint.llm.chat.Content.Frames;
import dev.squint.llm.model.Family.Clips;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Tokenizer;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.video.VideoFrame;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How models that have a placeholder for videos write one into the prompt: one video token for each
 * visual token, as transformers' processors of Qwen2-VL, Qwen2.5-VL, Qwen3-VL, Gemma 4 and
 * LLaVA-OneVision do. What has no tokens left is not mentioned.
 *
 * @param token stands for a visual token, and for the whole video in the template
 * @param id its number
 * @param way what stands between the frames
 * @param start stands before the tokens of frames whose time is stated
 * @param end stands behind them
 * @param lineBreak whether a line break vector ends a video
 * @param positionsPerSecond positions in time (Qwen2.5-VL, arXiv 2502.13923, section 2.1.2); empty
 *     if pictures are counted
 */
public record VideoText(
    String token,
    long id,
    Clips way,
    String start,
    String end,
    boolean lineBreak,
    OptionalDouble positionsPerSecond) {

  /**
   * The way of a package; empty if it has no placeholder for videos, so that frames must be written
   * as pictures.
   *
   * @param lineBreak whether the package has a vector that ends a row
   */
  public static Optional<VideoText> of(
      ModelPackage model, Tokenizer tokenizer, ChatTemplate template, boolean lineBreak) {
    Clips way = model.family().clips();
    if (!way.asOne()) {
      return Optional.empty();
    }
    String token = model.specialToken("video_token").orElseGet(() -> configured(model, tokenizer));
    OptionalLong id = token.isEmpty() ? OptionalLong.empty() : tokenizer.id(token);
    if (id.isEmpty() || !template.writesVideos(token)) {
      return Optional.empty();
    }
    boolean clocked = way == Clips.CLOCKED;
    double perSecond = model.config().path("vision_config").path("tokens_per_second").asDouble();
    return Optional.of(
        new VideoText(
            token,
            id.getAsLong(),
            way,
            model
                .specialToken(clocked ? "boi_token" : "vision_start_token")
                .orElse("<|vision_start|>"),
            model.specialToken(clocked ? "eoi_token" : "vision_end_token").orElse("<|vision_end|>"),
            lineBreak && way == Clips.POOLED,
            perSecond > 0 ? OptionalDouble.of(perSecond) : OptionalDouble.empty()));
  }

  private static String configured(ModelPackage model, Tokenizer tokenizer) {
    for (String key : List.of("video_token_id", "video_token_index")) {
      if (model.config().path(key).isIntegralNumber()) {
        return tokenizer.decodeAll(new long[] {model.config().path(key).asLong()});
      }
    }
    return "";
  }

  /**
   * A video as it is written.
   *
   * @param tiles what is left of its pictures, one tile each
   * @param first number of its first token among those of all pictures
   */
  PictureTokens of(Frames frames, List<TileTokens> tiles, int first) {
    boolean timed = way == Clips.TIMED || way == Clips.CLOCKED;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < tiles.size(); i++) {
      if (tiles.get(i).tokens() > 0) {
        String tokens = token.repeat(tiles.get(i).tokens());
        text.append(way == Clips.CLOCKED && !text.isEmpty() ? " " : "");
        text.append(timed ? time(frames, i) + start + tokens + end : tokens);
      }
    }
    int count = tiles.stream().mapToInt(TileTokens::tokens).sum();
    boolean ends = lineBreak && count > 0;
    int[] slots =
        IntStream.range(0, ends ? count + 1 : count)
            .map(i -> i == count ? PictureText.LINE_BREAK : i)
            .toArray();
    List<TileTokens> written = tiles.stream().filter(tile -> tile.tokens() > 0).toList();
    List<List<TileTokens>> spans =
        timed && !written.isEmpty() ? written.stream().map(List::of).toList() : List.of(tiles);
    return new PictureTokens(
        spans, ends ? text + token : text.toString(), slots, first, timeStep(frames));
  }

  /**
   * When a frame is shown; of several the mean of when the first and the last frame of a picture
   * are shown, rounded as in Python.
   */
  private String time(Frames frames, int picture) {
    List<VideoFrame> all = frames.clip().frames();
    int from = picture * frames.together();
    if (way == Clips.CLOCKED) {
      long at = (long) all.get(from).seconds();
      return "%02d:%02d ".formatted(at / 60, at % 60);
    }
    int last = Math.min(all.size(), from + frames.together()) - 1;
    BigDecimal seconds = new BigDecimal((all.get(from).seconds() + all.get(last).seconds()) / 2);
    return "<%s seconds>".formatted(seconds.setScale(1, RoundingMode.HALF_EVEN).toPlainString());
  }

  private double timeStep(Frames frames) {
    return positionsPerSecond.isPresent()
        ? positionsPerSecond.getAsDouble() * frames.together() * frames.clip().secondsPerFrame()
        : 1;
  }

  /** What the model is given of the tokens of frames before anything is pruned. */
  TokenReduction given(PatchTokens tokens, Set<Integer> frames) {
    return way == Clips.POOLED
        ? JointGrid.pool(tokens, frames)
        : TokenReduction.keepAll(tokens.size());
  }
}
