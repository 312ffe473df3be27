package dev.squint.samples;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import java.nio.file.Path;
import java.util.List;

/** Asks about a video under several plans; its frames are decoded and encoded once. */
public final class PruneVideo {
  private PruneVideo() {}

  public static void main(String[] args) {
    List<String> plans =
        List.of(
            "none",
            "encoder:evs(keep=0.25)",
            "encoder:merge-frames(keep=0.25)",
            "frames:even(frames=2)");
    try (VisionLanguageModel model =
        VisionLanguageModel.load(Path.of("samples/tiny-vlm/package"))) {
      Clip clip = model.clip(Path.of("samples/clips/shape-moves.mp4"), ClipOptions.DEFAULT);
      for (String plan : plans) {
        Answer answer =
            model.ask(clip, "Which way does the circle move?", AskOptions.DEFAULT.withPlan(plan));
        System.out.printf(
            "%-32s frames at %s s, %d of %d visual tokens: %s%n",
            plan,
            answer.frameSeconds().get(0),
            answer.keptVisualTokens(),
            answer.visualTokens(),
            answer.text());
      }
    }
  }
}
