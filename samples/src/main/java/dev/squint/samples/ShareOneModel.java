package dev.squint.samples;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.ContextExceeded;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Loads a model once, checks a plan once, and asks from several threads. */
public final class ShareOneModel {
  private ShareOneModel() {}

  public static void main(String[] args) {
    AskOptions options =
        AskOptions.DEFAULT.withPlan("encoder:divprune(keep=0.25)").withMaxTokens(16);
    Picture picture = new PictureReader().read(Path.of("samples/pictures/shapes.png"));
    try (VisionLanguageModel model =
        VisionLanguageModel.load(Path.of("samples/tiny-vlm/package"))) {
      model.prepare(options.plan());
      List<String> answers =
          Stream.of("What color is the heart?", "Is there a heart?")
              .parallel()
              .map(question -> ask(model, picture, question, options))
              .toList();
      answers.forEach(System.out::println);
    }
  }

  private static String ask(
      VisionLanguageModel model, Picture picture, String question, AskOptions options) {
    try {
      Answer answer = model.ask(List.of(picture), question, options);
      return "%s (%d of %d visual tokens)"
          .formatted(answer.text(), answer.keptVisualTokens(), answer.visualTokens());
    } catch (ContextExceeded tooLong) {
      return "ask about fewer pictures, or keep fewer tokens: " + tooLong.getMessage();
    }
  }
}
