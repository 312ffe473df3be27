package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squint.vision.Fixtures;
import dev.squint.vision.format.FileFormat;
import dev.squint.vision.picture.Picture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clips that were once read wrongly: 40 painted frames, 10 per second, unless stated. */
class CaseClipsTest {

  private static final int FRAMES = 40;
  private static final double RATE = 10;

  private static Video open(String name) {
    return new VideoReader().open(Fixtures.bytes("cases/" + name), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"base.mp4", "audio_longer.mkv", "sar2_1.mp4", "full.ts"})
  void everyFrame_forwardsAndBackwards(String name) {
    try (Video video = open(name)) {
      assertThat(video.header().frames()).isEqualTo(FRAMES);
      assertThat(video.header().seconds()).isCloseTo(FRAMES / RATE, within(0.01));
      for (int i = 0; i < FRAMES; i++) {
        assertThat(Painted.number(Clips.at(video, i / RATE).get(0))).as("forwards").isEqualTo(i);
      }
      for (int i = FRAMES - 1; i >= 0; i--) {
        assertThat(Painted.number(Clips.at(video, i / RATE).get(0))).as("backwards").isEqualTo(i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"hflip.mp4, 2", "vflip.mp4, 4"})
  void mirroredClips_areMirrored(String name, int orientation) {
    try (Video base = open("base.mp4");
        Video video = open(name)) {
      assertThat(video.header().orientation()).isEqualTo(orientation);
      Picture expected = Clips.at(base, 0.6).get(0).upright(orientation);
      assertThat(Fixtures.difference(Clips.at(video, 0.6).get(0), expected)).isZero();
    }
  }

  @Test
  void pixelsThatAreNotSquare_areStretched() {
    try (Video video = open("sar2_1.mp4")) {
      assertThat(video.header().width()).isEqualTo(256);
      assertThat(video.header().height()).isEqualTo(96);
      assertThat(Clips.at(video, 0).get(0).width()).isEqualTo(256);
    }
  }

  @Test
  void coverArt_isNoVideo() {
    assertThatThrownBy(() -> open("cover.m4a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cover.m4a has no pictures in it, only sound or text; its cover is no video");
  }

  @Test
  void cutOffClip_isReadUpToThere() {
    try (Video video = open("fast_trunc70.mp4")) {
      assertThat(video.header().seconds()).isCloseTo(FRAMES / RATE, within(0.01));
      assertThat(Painted.number(Clips.at(video, 0.5).get(0))).isEqualTo(5);
      assertThatThrownBy(() -> Clips.at(video, 3.9))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("fast_trunc70.mp4 is damaged or cut off after .* of 4.0 seconds.*");
    }
  }

  @Test
  void filesAreKnownByTheirStructure() {
    for (String name : List.of("noloop.gif", "icc_big.png")) {
      byte[] file = Fixtures.bytes("cases/" + name);
      assertThat(VideoReader.isAnimation(file)).as(name).isTrue();
      try (Video video = new VideoReader().open(file, name)) {
        assertThat(video.header().frames()).as(name).isEqualTo(2);
        assertThat(Clips.at(video, 0, video.header().secondsOf(1))).hasSize(2);
      }
    }
    for (String name :
        List.of("m_grid.avif.heif", "mif1.heic", "a.avif", "quad.heic", "still_netscape.gif")) {
      assertThat(VideoReader.isVideo(Fixtures.bytes("cases/" + name))).as(name).isFalse();
    }
    assertThat(FileFormat.of(Fixtures.bytes("cases/m_grid.avif.heif"))).isEqualTo(FileFormat.AVIF);
    assertThat(FileFormat.of(Fixtures.bytes("cases/quad.heic"))).isEqualTo(FileFormat.HEIF);
  }

  @Test
  void stillPictures_areRefusedAsClips() {
    assertThatThrownBy(() -> open("quad.heic"))
        .hasMessage(
            "quad.heic is a still picture (HEIF (HEIC)), not a video; ask about it as a picture");
  }
}
