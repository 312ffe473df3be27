package dev.squint.llm.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ModelException;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.PatchTokens;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SquintTranslatorFactoryTest {

  private static final Path FOLDER = Path.of("src/test/resources/packages/tiled");
  private static final Path FILE = FOLDER.resolve("test/small_90x70.png");
  private static final AskOptions OPTIONS =
      AskOptions.DEFAULT.withMaxTokens(8).withPlan("encoder:cls-attention(keep=0.5)");

  private static <I, O> Criteria<I, O> criteria(Class<I> input, Class<O> output, Path folder) {
    return Criteria.builder()
        .setTypes(input, output)
        .optModelPath(folder)
        .optEngine("Squint")
        .optTranslatorFactory(new SquintTranslatorFactory())
        .build();
  }

  @Test
  void criteriaOnAPackage_answersQuestions()
      throws ModelException, IOException, TranslateException {
    Picture picture = new PictureReader().read(FILE);
    Image image = ImageFactory.getInstance().fromFile(FILE);
    String expected;
    try (VisionLanguageModel model = VisionLanguageModel.load(FOLDER)) {
      expected = model.ask(List.of(picture), "What is it?", OPTIONS).text();
    }
    try (ZooModel<VisualQuestion, Answer> model =
            criteria(VisualQuestion.class, Answer.class, FOLDER).loadModel();
        Predictor<VisualQuestion, Answer> predictor = model.newPredictor()) {
      Answer answer = predictor.predict(VisualQuestion.of(picture, "What is it?", OPTIONS));
      assertThat(answer.text()).isEqualTo(expected);
      assertThat(answer.keptVisualTokens()).isEqualTo(90);

      Answer again = predictor.predict(VisualQuestion.of(image, "What is it?", OPTIONS));
      assertThat(again.text()).isEqualTo(expected);
    }
  }

  @Test
  void criteriaOnAPackage_encodesPictures() throws ModelException, IOException, TranslateException {
    try (ZooModel<Picture, PatchTokens> model =
            criteria(Picture.class, PatchTokens.class, FOLDER).loadModel();
        Predictor<Picture, PatchTokens> predictor = model.newPredictor()) {
      PatchTokens tokens = predictor.predict(new PictureReader().read(FILE));

      assertThat(tokens.size()).isEqualTo(5 * 36);
      assertThat(tokens.features().cols()).isEqualTo(48);
    }
  }

  @Test
  void otherTypesAndOtherModels_areRefused() {
    SquintTranslatorFactory factory = new SquintTranslatorFactory();
    assertThat(factory.isSupported(VisualQuestion.class, Answer.class)).isTrue();
    assertThat(factory.isSupported(Picture.class, PatchTokens.class)).isTrue();
    assertThat(factory.isSupported(String.class, Answer.class)).isFalse();
    try (Model empty = Model.newInstance("empty", "Squint")) {
      assertThatThrownBy(() -> factory.newInstance(String.class, Answer.class, empty, Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no translator from String to Answer; there are ");
      assertThatThrownBy(
              () -> factory.newInstance(VisualQuestion.class, Answer.class, empty, Map.of()))
          .isInstanceOf(TranslateException.class)
          .hasMessage("empty was not loaded by the engine 'Squint'; say optEngine(\"Squint\")");
    }
  }

  @Test
  void brokenPackage_isSaidByDjl() {
    assertThatThrownBy(
            () -> criteria(Picture.class, PatchTokens.class, FOLDER.resolve("test")).loadModel())
        .hasStackTraceContaining("config.json is missing");
  }

  @Test
  void squintIsNeverTheDefaultEngine() {
    assertThat(Engine.hasEngine("Squint")).isTrue();
    assertThat(Engine.getDefaultEngineName()).isNotEqualTo("Squint");
  }
}
