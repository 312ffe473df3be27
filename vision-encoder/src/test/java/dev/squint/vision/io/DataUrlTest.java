package dev.squint.vision.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bytes, FB FF 20 41, as browsers read them from data URLs. */
class DataUrlTest {

  private static final byte[] BYTES = {(byte) 0xfb, (byte) 0xff, 0x20, 0x41};

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data:image/png;base64,+/8gQQ==",
        "data:image/png;base64,+/8gQQ",
        "data:image/png;base64,-_8gQQ==",
        "data:image/png;base64,+/8g\nQQ==",
        "data:image/png;base64, +/8g QQ= =",
        "data:image/png;base64,%2B%2F8gQQ%3D%3D",
        "data:image/png;base64,+/8g%0AQQ==",
        "  data:image/png;base64,+/8gQQ==\n",
        "DATA:IMAGE/PNG;BASE64,+/8gQQ==",
        "data:image/png;charset=utf-8; base64,+/8gQQ==",
        "data:;base64,+/8gQQ==",
        "data:image/png,%FB%FF%20A",
      })
  void url_isReadAsBrowsersReadIt(String url) {
    assertThat(DataUrl.isData(url)).isTrue();
    assertThat(DataUrl.decode(url)).isEqualTo(BYTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"data:image/png;base64", "data:image/png;base64,??", "data:,\u00fc%41"})
  void url_thatCannotBeRead_isRefused(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataUrl.decode(url))
        .withMessageContaining("data");
  }

  @Test
  void otherAddresses_areNoDataUrls() {
    assertThat(DataUrl.isData("https://example.org/data:a.png")).isFalse();
  }
}
