package dev.squint.samples;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;

/** Evicts rows of the KV cache, or quantizes them. */
public final class PruneTheCache {
  private PruneTheCache() {}

  public static void main(String[] args) {
    Picture picture = new PictureReader().read(Path.of("samples/pictures/shapes.png"));
    List<String> plans =
        List.of(
            "none",
            "cache:snapkv(keep=0.5, window=16)",
            "cache:quantised(bits=8)",
            "layer2:fastv(keep=0.5) + cache:snapkv(keep=0.5, window=16) + cache:quantised(bits=8)");
    try (VisionLanguageModel model =
        VisionLanguageModel.load(Path.of("samples/tiny-vlm/package"))) {
      for (String plan : plans) {
        Answer answer =
            model.ask(
                List.of(picture), "What color is the heart?", AskOptions.DEFAULT.withPlan(plan));
        System.out.printf("%7d bytes: %s (%s)%n", answer.kvBytes(), answer.text(), plan);
      }
    }
  }
}
