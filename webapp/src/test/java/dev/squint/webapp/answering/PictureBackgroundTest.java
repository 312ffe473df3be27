package dev.squint.webapp.answering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.http.ApiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PictureBackgroundTest {

  @Test
  void blackInkOnAClearGround_isReadableOnWhite() throws IOException {
    byte[] ink =
        Files.readAllBytes(
            Path.of("../vision-encoder/src/test/resources/cases/transparent_ink.png"));
    Turn.Part.PictureFile file = new Turn.Part.PictureFile("files", "ink.png", ink);
    Picture dropped = ConversationReader.read(file, new PictureReader());
    assertThat(dropped.rgb()).containsOnly(0);
    Picture white =
        ConversationReader.read(file.withBackground("white", "background"), new PictureReader());
    assertThat(white.rgb()).contains((byte) 0, (byte) 0xff);
    assertThat(file.withBackground(null, "background")).isSameAs(file);
    assertThatThrownBy(() -> file.withBackground("blanc", "background"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("'blanc'");
  }
}
