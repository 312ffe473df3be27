package example;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;

/** Prints the answer to a question about a picture: Ask PACKAGE PICTURE QUESTION. */
public final class Ask {
  private Ask() {}

  public static void main(String[] args) {
    try (VisionLanguageModel model = VisionLanguageModel.load(Path.of(args[0]))) {
      System.out.println(model.ask(new PictureReader().read(Path.of(args[1])), args[2]).text());
    }
  }
}
