package dev.squint.llm.prompt;

import dev.squint.llm.model.ModelPackage;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** How a family of models writes one picture into the prompt. */
@FunctionalInterface
public interface PictureText {

  /** The text that takes the place of the picture's placeholder, one image token per token left. */
  String of(List<TileTokens> tiles);

  /** One image token per visual token and nothing else (LLaVA and most others). */
  static PictureText plain(String imageToken) {
    return tiles -> imageToken.repeat(tiles.stream().mapToInt(TileTokens::tokens).sum());
  }

  /**
   * The way of the processor that a package names.
   *
   * @throws IllegalArgumentException if Squint does not know the processor; the message lists those
   *     that it knows
   */
  static PictureText of(ModelPackage model, String imageToken) {
    Set<String> idefics3 = new TreeSet<>(List.of("Idefics3Processor", "SmolVLMProcessor"));
    Set<String> plain = Set.of("LlavaProcessor");
    String processor = model.processorClass();
    if (idefics3.contains(processor)) {
      return new Idefics3PictureText(
          imageToken,
          model.specialToken("fake_image_token").orElse("<fake_token_around_image>"),
          model.specialToken("global_image_token").orElse("<global-img>"));
    }
    if (plain.contains(processor)) {
      return plain(imageToken);
    }
    throw model.broken(
        "preprocessor_config.json",
        "has the processor_class '%s'; Squint knows %s and %s"
            .formatted(processor, idefics3, plain));
  }
}
