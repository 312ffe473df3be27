package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Videos asked about, with the default model. */
class VideoQuestionTest {

  private static final Path SAMPLES = Path.of("..", "samples");
  private static final String QUESTION = "Which way does the circle move?";

  private static VisionLanguageModel model;
  private static Clip clip;

  @BeforeAll
  static void load() {
    model = VisionLanguageModel.load(SAMPLES.resolve("tiny-vlm/package"));
    clip = model.clip(SAMPLES.resolve("clips/shape-moves.mp4"), ClipOptions.DEFAULT);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void aFileIsAnswered_byFramesOfTheModelsOwnRule() {
    Answer answer = model.ask(clip, QUESTION, AskOptions.DEFAULT);

    assertThat(answer.text()).isEqualTo("right");
    assertThat(answer.frameSeconds()).containsExactly(List.of(0.0, 1.25, 2.5, 3.875));
    assertThat(answer.encoding().tiles()).isEqualTo(4);
    assertThat(answer.visualTokens()).isEqualTo(4 * 144);
  }

  @Test
  void theOtherWayRound_itGoesLeft() {
    List<Picture> backwards = new ArrayList<>(clip.pictures());
    Collections.reverse(backwards);

    assertThat(model.ask(Clip.of(backwards, 1), QUESTION, AskOptions.DEFAULT).text())
        .isEqualTo("left");
  }

  @Test
  void framesAreAskedAbout_asSomanyPictures() {
    Answer frames = model.ask(clip, "What color is the circle?", AskOptions.DEFAULT);
    Answer pictures = model.ask(clip.pictures(), "What color is the circle?", AskOptions.DEFAULT);

    assertThat(frames.text()).isEqualTo(pictures.text()).isEqualTo("red");
    assertThat(frames.promptTokens()).isEqualTo(pictures.promptTokens());
  }

  @Test
  void aPlanAtFrames_savesTheEncoderWhatItDrops() {
    Answer answer = model.ask(clip, QUESTION, AskOptions.DEFAULT.withPlan("frames:even(frames=2)"));

    assertThat(answer.frameSeconds()).containsExactly(List.of(0.0, 3.875));
    assertThat(answer.encoding()).isEqualTo(new Encoding(4, 2, 2 * 144, 4 * 144));
    assertThat(answer.keptVisualTokens()).isEqualTo(2 * 144);
    assertThat(model.map(clip, answer)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "frames:key-frames(keep=0.5)",
        "frames:motion(keep=0.5)",
        "frames:random(keep=0.5)",
        "encoder:evs(keep=0.25)",
        "encoder:static-patches(keep=0.25)",
        "encoder:static-patches",
        "encoder:merge-frames(keep=0.25)",
        "encoder:aim-merge(keep=0.25)",
        "frames:even(keep=0.5) + encoder:evs(keep=0.5)"
      })
  void everyVideoMethodIsCarriedOut(String plan) {
    Answer answer = model.ask(clip, QUESTION, AskOptions.DEFAULT.withPlan(plan));

    assertThat(answer.keptVisualTokens()).isBetween(1, 4 * 144 - 1);
    if (plan.contains("keep=0.25")) {
      assertThat(answer.keptVisualTokens()).isEqualTo(144);
    }
    assertThat(answer.plan()).isEqualTo(PruningPlan.parse(plan));
  }

  @Test
  void aStillVideo_isToldByItsPixels() {
    Picture first = clip.pictures().get(0);
    Clip still = Clip.of(List.of(first, first, first), 1);

    assertThat(
            model
                .ask(still, QUESTION, AskOptions.DEFAULT.withPlan("encoder:static-patches"))
                .keptVisualTokens())
        .isEqualTo(144);
    assertThat(
            model
                .ask(still, QUESTION, AskOptions.DEFAULT.withPlan("frames:skip-static"))
                .encoding()
                .encodedTiles())
        .isEqualTo(1);
  }

  @Test
  void tilesOfAConversation_areThoseOfItsAnswer() {
    Clip other = Clip.of(clip.pictures().subList(0, 3), 1);
    List<Message> conversation =
        List.of(
            new Message(
                "user",
                List.of(
                    new Content.Video(clip),
                    new Content.Image(new Picture(200, 100, new byte[3 * 200 * 100])),
                    new Content.Video(other),
                    new Content.Text(QUESTION))));

    Answer answer = model.ask(conversation, AskOptions.DEFAULT.withPlan("frames:even(frames=2)"));
    List<TiledImage> tiles = model.tiles(conversation, answer);

    assertThat(answer.frameSeconds()).containsExactly(List.of(0.0, 3.875), List.of(0.0, 2.0));
    assertThat(tiles.stream().map(TiledImage::pictureWidth)).containsExactly(96, 96, 200, 96, 96);
    assertThat(tiles.stream().mapToInt(tile -> tile.tiles().size()).sum())
        .isEqualTo(answer.tiles().size());
  }

  @Test
  void aSecondQuestion_costsNoEncoding() {
    try (VisionLanguageModel fresh =
        VisionLanguageModel.load(SAMPLES.resolve("tiny-vlm/package"))) {
      Clip clip =
          fresh.clip(
              SAMPLES.resolve("clips/h264.mp4"), ClipOptions.DEFAULT.withFrames(4).between(1, 3));
      fresh.ask(clip, "What color is this?", AskOptions.DEFAULT);

      // A closed encoder encodes nothing.
      fresh.encoder().close();
      Answer second = fresh.ask(clip, "Is there a circle?", AskOptions.DEFAULT);
      assertThat(second.timings().cachedEncodeMillis()).isPositive();
    }
  }

  @Test
  void otherFramesOfTheSameClip_costTheEncodingOfWhatIsNew() {
    Path file = SAMPLES.resolve("clips/shape-moves.mp4");
    try (VisionLanguageModel fresh =
        VisionLanguageModel.load(SAMPLES.resolve("tiny-vlm/package"))) {
      Clip whole = fresh.clip(file, ClipOptions.DEFAULT.withFrames(8));
      Answer first = fresh.ask(whole, QUESTION, AskOptions.DEFAULT);
      assertThat(first.timings().cachedEncodeMillis()).isZero();

      Clip oneMore =
          new Clip(whole.seconds(), fresh.clip(file, ClipOptions.DEFAULT.withFrames(9)).frames());
      Answer mixed = fresh.ask(oneMore, QUESTION, AskOptions.DEFAULT);
      assertThat(mixed.timings().cachedEncodeMillis()).isPositive();
      assertThat(mixed.text()).isEqualTo(model.ask(oneMore, QUESTION, AskOptions.DEFAULT).text());

      // A closed encoder encodes nothing.
      fresh.encoder().close();
      Clip half = new Clip(whole.seconds(), whole.frames().subList(2, 6));
      Answer other = fresh.ask(half, QUESTION, AskOptions.DEFAULT);
      Answer withoutCache = model.ask(half, QUESTION, AskOptions.DEFAULT);
      assertThat(other.text()).isEqualTo(withoutCache.text());
      assertThat(other.promptTokens()).isEqualTo(withoutCache.promptTokens());
    }
  }
}
