package dev.squint.samples;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;

/** Asks the same question under several pruning plans. */
public final class PruneAtTheEncoder {
  private PruneAtTheEncoder() {}

  public static void main(String[] args) {
    Picture picture = new PictureReader().read(Path.of("samples/pictures/shapes.png"));
    List<String> plans =
        List.of(
            "none",
            "encoder:text-guided(keep=0.25)",
            "encoder:cls-attention(keep=0.25)",
            "encoder:random(keep=0.25, seed=7)");
    try (VisionLanguageModel model =
        VisionLanguageModel.load(Path.of("samples/tiny-vlm/package"))) {
      for (String plan : plans) {
        Answer answer =
            model.ask(
                List.of(picture), "What color is the heart?", AskOptions.DEFAULT.withPlan(plan));
        System.out.printf(
            "%-34s %3d of %d visual tokens: %s%n",
            plan, answer.keptVisualTokens(), answer.visualTokens(), answer.text());
      }
    }
  }
}
