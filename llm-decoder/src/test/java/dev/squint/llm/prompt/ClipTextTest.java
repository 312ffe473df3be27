package dev.squint.llm.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.chat.Content;
import dev.squint.llm.model.Family.Clips;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.VideoFrame;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ClipTextTest {

  private static final Picture GREY = new Picture(2, 2, new byte[12]);
  private static final Clip CLIP =
      new Clip(
          3725.9,
          List.of(
              new VideoFrame(0, GREY), new VideoFrame(61.99, GREY), new VideoFrame(3700, GREY)));

  @Test
  void smolVlm2_announcesTheVideoAndEachFrame() {
    assertThat(written(Clips.ANNOUNCED))
        .isEqualTo(
            """
            You are provided the following series of three frames from a 1:02:05 [H:MM:SS] video.

            Frame from 00:00:<image>
            Frame from 01:01:<image>
            Frame from 61:40:<image>

            """);
  }

  @Test
  void modelsThatKnowVideos_haveThemInOnePlace() {
    for (Clips clips : List.of(Clips.TIMED, Clips.PAIRED, Clips.POOLED)) {
      List<Content> content = ClipText.of(clips, 2).of(CLIP);

      assertThat(content).containsExactly(new Content.Frames(CLIP, 2));
      assertThat(((Content.Frames) content.get(0)).pictures()).isEqualTo(2);
    }
  }

  @Test
  void others_areShownTheFramesAlone() {
    assertThat(written(Clips.FRAMES)).isEqualTo("<image><image><image>");
  }

  @Test
  void numbersAreWrittenAsNum2wordsWritesThem() {
    assertThat(
            List.of(1, 12, 20, 21, 64, 100, 101, 768).stream()
                .map(NumberWords::of)
                .collect(Collectors.toList()))
        .containsExactly(
            "one",
            "twelve",
            "twenty",
            "twenty-one",
            "sixty-four",
            "one hundred",
            "one hundred and one",
            "seven hundred and sixty-eight");
  }

  private static String written(Clips clips) {
    return ClipText.of(clips, 1).of(CLIP).stream()
        .map(piece -> piece instanceof Content.Text text ? text.text() : "<image>")
        .collect(Collectors.joining());
  }
}
