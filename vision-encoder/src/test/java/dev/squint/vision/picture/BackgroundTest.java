package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BackgroundTest {

  @Test
  void namesAndHexadecimalColours() {
    assertThat(Background.parse("white")).isEqualTo(0xffffff);
    assertThat(Background.parse(" Black ")).isZero();
    assertThat(Background.parse("grey")).isEqualTo(Background.parse("gray"));
    assertThat(Background.parse("#F0a001")).isEqualTo(0xf0a001);
  }

  @Test
  void othersAreRefused() {
    for (String text : new String[] {"", "blanc", "#fff", "ffffff", "#gggggg", "0xffffff"}) {
      assertThatThrownBy(() -> Background.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a background is white, black, grey or #rrggbb, such as #f0f0f0, but was '%s'", text);
    }
    assertThatThrownBy(() -> new PictureReader().withBackground(0x1000000))
        .hasMessage("a background is 0x000000 to 0xffffff but was 0x1000000");
  }
}
