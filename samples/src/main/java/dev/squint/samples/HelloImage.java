package dev.squint.samples;

import dev.squint.llm.Answer;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;

/** Asks one question about one picture without pruning. */
public final class HelloImage {
  private HelloImage() {}

  public static void main(String[] args) {
    Picture picture = new PictureReader().read(Path.of("samples/pictures/shapes.png"));
    try (VisionLanguageModel model =
        VisionLanguageModel.load(Path.of("samples/tiny-vlm/package"))) {
      Answer answer = model.ask(picture, "What color is the heart?");
      System.out.println(answer.text());
      System.out.printf("%d visual tokens%n", answer.keptVisualTokens());
    }
  }
}
