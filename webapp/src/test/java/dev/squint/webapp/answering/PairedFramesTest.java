package dev.squint.webapp.answering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedFramesTest {

  private static final Path QWEN =
      Path.of("..", "llm-decoder", "src", "test", "resources", "packages", "qwen2-vl");

  @Test
  void framesThatAreEncodedTogether_showTheSameTokens() {
    Picture grey = new Picture(84, 56, new byte[3 * 84 * 56]);
    List<Message> asked =
        List.of(Message.user(Clip.of(Collections.nCopies(5, grey), 2), "What is it?"));
    try (VisionLanguageModel model = VisionLanguageModel.load(QWEN)) {
      Answer answer = model.ask(asked, AskOptions.DEFAULT.withMaxTokens(1));
      TokenOverlay map = TokenOverlay.of(asked, model.tiles(asked, answer), answer, List.of());

      assertThat(map.pictures().stream().map(picture -> picture.tiles().get(0).first()))
          .containsExactly(0, 0, 6, 6, 12);
      assertThat(map.pictures().stream().map(TokenOverlay.MappedPicture::seconds))
          .containsExactly(0.0, 0.5, 1.0, 1.5, 2.0);
    }
  }
}
