package dev.squint.samples;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;

/** Drops visual tokens between decoder layers, by the attention of these layers. */
public final class PruneBetweenLayers {
  private PruneBetweenLayers() {}

  public static void main(String[] args) {
    Picture picture = new PictureReader().read(Path.of("samples/pictures/shapes.png"));
    List<String> plans =
        List.of(
            "layer2:fastv(keep=0.25)",
            "layer2:pyramiddrop(keep=0.5) + layer4:pyramiddrop(keep=0.5)",
            "encoder:text-guided(keep=0.5) + layer3:adaptinfer(keep=0.25)");
    try (VisionLanguageModel model =
        VisionLanguageModel.load(Path.of("samples/tiny-vlm/package"))) {
      for (String plan : plans) {
        Answer answer =
            model.ask(
                List.of(picture), "What color is the heart?", AskOptions.DEFAULT.withPlan(plan));
        System.out.printf("%s: %s%n", plan, answer.text());
        for (StageRun run : answer.prefillRuns()) {
          System.out.printf(
              "  layers %d to %d: %d visual tokens%n",
              run.firstLayer(), run.endLayer() - 1, answer.visualTokens(run));
        }
      }
    }
  }
}
