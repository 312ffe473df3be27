package dev.squint.webapp.answering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.FrameRule;
import dev.squint.webapp.RunningServer;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.Turn.Part.ClipFile;
import org.junit.jupiter.api.Test;

class ClipReaderTest {

  private static final ClipOptions FOUR = ClipOptions.DEFAULT.withFrames(4);

  private final ClipCache cache = new ClipCache(1 << 24);

  /** Reads as one question does. */
  private Clip read(String name, ClipOptions wanted) {
    ServerSettings settings = RunningServer.shared().bean(ServerSettings.class);
    return new ClipReader(
            settings.limits(), new FrameRule.Uniform(8), new PictureReader(), cache, () -> false)
        .read(new ClipFile("files[0]", name, RunningServer.clip("shape-moves.mp4"), wanted));
  }

  @Test
  void clipThatIsKnown_isNotReadAgain_unlessOtherFramesAreWanted() {
    Clip first = read("a.mp4", FOUR);
    assertThat(read("b.mp4", FOUR)).isSameAs(first);
    assertThat(read("a.mp4", FOUR.between(0, 2))).isNotSameAs(first);
    assertThat(read("a.mp4", ClipOptions.DEFAULT.withFrames(5)).frames()).hasSize(5);
  }
}
