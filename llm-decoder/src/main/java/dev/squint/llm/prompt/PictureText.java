package dev.squint.llm.prompt;

import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Tokenizer;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import java.util.List;
import java.util.stream.IntStream;

/** How a family of models writes one picture into the prompt. */
@FunctionalInterface
public interface PictureText {

  /**
   * In {@link #slots}: no token of the picture's grid but the vector that ends a row, or one of the
   * whole picture.
   */
  int LINE_BREAK = -1;

  /** In {@link #slots}: the vector that stands between the crops and the global view. */
  int SEPARATOR = -3;

  /** The text that takes the place of the picture's placeholder, one image token for each slot. */
  String of(List<TileTokens> tiles);

  /**
   * What stands at each image token of the text: the number of a token that is left of the picture,
   * counted over its tiles, {@link #LINE_BREAK} or {@link #SEPARATOR}.
   */
  default int[] slots(List<TileTokens> tiles) {
    return IntStream.range(0, tiles.stream().mapToInt(TileTokens::tokens).sum()).toArray();
  }

  /**
   * What the model is given of the encoder's tokens before anything is pruned; all of them for most
   * models.
   */
  default TokenReduction given(PatchTokens tokens) {
    return TokenReduction.keepAll(tokens.size());
  }

  /** One image token per visual token and nothing else (LLaVA and most others). */
  static PictureText plain(String imageToken) {
    return tiles -> imageToken.repeat(tiles.stream().mapToInt(TileTokens::tokens).sum());
  }

  /**
   * The way of a package's family.
   *
   * @param lineBreaks whether the package has a vector that ends a row
   */
  static PictureText of(
      ModelPackage model, Tokenizer tokenizer, String imageToken, boolean lineBreaks) {
    return switch (model.family().pictures()) {
      case PLAIN, OWN_SIZE -> plain(imageToken);
      case ROWS ->
          new Idefics3PictureText(
              imageToken,
              model.specialToken("fake_image_token").orElse("<fake_token_around_image>"),
              model.specialToken("global_image_token").orElse("<global-img>"),
              Idefics3PictureText.announced(tokenizer));
      case ENCLOSED ->
          new EnclosedPictureText(
              imageToken,
              model
                  .specialToken("boi_token")
                  .orElseGet(() -> model.requiredToken("start_image_token")),
              model
                  .specialToken("eoi_token")
                  .orElseGet(() -> model.requiredToken("end_image_token")));
      case PLACED ->
          new PlacedPictureText(
              imageToken,
              model.specialToken("image_start_token").orElse("<|image_start|>"),
              model.specialToken("image_thumbnail_token").orElse("<|img_thumbnail|>"),
              model.specialToken("image_end_token").orElse("<|image_end|>"));
      case ROW_BREAKS ->
          new RowBreakPictureText(
              imageToken,
              model.specialToken("image_break_token").orElse("[IMG_BREAK]"),
              model.specialToken("image_end_token").orElse("[IMG_END]"));
      case SUMMARISED -> new SummarisedPictureText(imageToken);
      case FRAMED ->
          new FramedPictureText(
              imageToken, model.requiredToken("boi_token"), model.requiredToken("eoi_token"));
      case ANY_RES -> AnyResPictureText.of(model, imageToken, lineBreaks);
      case HD -> new HdPictureText(imageToken);
      case ANY_RES_WHOLE -> new AnyResPictureText(imageToken, lineBreaks, Integer.MAX_VALUE);
    };
  }
}
