package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.model.TrainingDomain;
import dev.squint.pruner.Matrix;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.VideoFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a picture is like those of the training, with a small package and with Squint's own. */
class DomainCheckTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/tiled");
  private static final Path OWN = Path.of("../samples/tiny-vlm/package");
  private static final String FILE = "squint/domain.safetensors";
  private static final int WIDTH = 48;
  private static final String UNLIKE =
      " is unlike the pictures that this model was trained on; the answer is probably wrong";

  @TempDir private Path folder;

  private final Picture small =
      read("../llm-decoder/src/test/resources/packages/llava/test/small_90x70.png");
  private final Picture wide =
      read("../llm-decoder/src/test/resources/packages/llava/test/wide_300x150.png");

  @BeforeEach
  void copyOfAPackage() throws IOException {
    PackageCopy.of(PACKAGE, folder);
    Files.createDirectories(folder.resolve("squint"));
    Files.writeString(
        folder.resolve("squint.json"), "{\"domain\": {\"file\": \"%s\"}}".formatted(FILE));
  }

  private static Picture read(String file) {
    return new PictureReader().read(Path.of(file));
  }

  /** Distances from a point; the whitening is the identity. */
  private void write(float[] mean, double threshold) {
    float[] identity = new float[mean.length * mean.length];
    for (int i = 0; i < mean.length; i++) {
      identity[i * mean.length + i] = 1;
    }
    new TrainingDomain(
            new Matrix(1, mean.length, mean),
            new Matrix(mean.length, mean.length, identity),
            threshold)
        .write(folder.resolve(FILE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "encoder:divprune(keep=0.25)",
        "tiles:random(keep=0.5)",
        "encoder1:tome(keep=0.5)",
        "layer2:fastv(keep=0.25)"
      })
  void picturesOutside_areNamedUnderEveryPlanAndAnswersStayTheSame(String plan) {
    AskOptions options = AskOptions.DEFAULT.withPlan(plan).withMaxTokens(4);
    List<Picture> pictures = List.of(small, wide);
    Answer unchecked;
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGE)) {
      unchecked = model.ask(pictures, "What is this?", options);
    }
    write(new float[WIDTH], 1e9);
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      assertThat(model.ask(pictures, "What is this?", options).notes())
          .isEqualTo(unchecked.notes());
    }
    write(new float[WIDTH], 1e-9);
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      Answer checked = model.ask(pictures, "What is this?", options);
      assertThat(checked.notes()).contains("picture 1" + UNLIKE, "picture 2" + UNLIKE);
      assertThat(checked.text()).isEqualTo(unchecked.text());
      assertThat(checked.reduction().target()).isEqualTo(unchecked.reduction().target());
    }
  }

  @Test
  void aClip_isNamedOnce() {
    write(new float[WIDTH], 1e-9);
    Clip clip = new Clip(2, List.of(new VideoFrame(0, small), new VideoFrame(1, small)));
    Message message =
        new Message(
            "user",
            List.of(
                new Content.Image(wide), new Content.Video(clip), new Content.Text("What moves?")));
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      Answer answer = model.ask(List.of(message), AskOptions.DEFAULT.withMaxTokens(1));
      assertThat(answer.notes())
          .containsExactly(
              "picture 1" + UNLIKE,
              "clip 1 is unlike the clips that this model was trained on; the answer is probably wrong");
    }
  }

  @Test
  void aDomainOfAnotherModel_isRefusedWhenThePackageIsLoaded() {
    write(new float[WIDTH + 1], 1);
    assertThatThrownBy(() -> VisionLanguageModel.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "tokens of %d values, but this model's have %d".formatted(WIDTH + 1, WIDTH));
  }

  @Test
  void aDomainThatIsNotThere_isNamed() {
    assertThatThrownBy(() -> VisionLanguageModel.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("names " + FILE + " for 'domain', which is missing");
  }

  @Test
  void theDefaultModel_knowsDrawnShapesFromNoise() {
    Random random = new Random(11);
    byte[] rgb = new byte[96 * 96 * 3];
    random.nextBytes(rgb);
    try (VisionLanguageModel model = VisionLanguageModel.load(OWN)) {
      AskOptions options = AskOptions.DEFAULT.withMaxTokens(1);
      Picture shapes = read("../samples/pictures/shapes.png");
      List<String> notes =
          model.ask(List.of(shapes, new Picture(96, 96, rgb)), "What is this?", options).notes();
      assertThat(notes).contains("picture 2" + UNLIKE).doesNotContain("picture 1" + UNLIKE);
    }
  }
}
