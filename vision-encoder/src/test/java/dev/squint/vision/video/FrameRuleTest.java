package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** Numbers from numpy, by the formulas of transformers' video processors. */
class FrameRuleTest {

  @Test
  void smolVlm2_oneASecondAndTheEndsLeftOutOfLongVideos() throws JsonProcessingException {
    FrameRule rule =
        FrameRule.of(
            json("{'video_sampling':{'fps':1,'max_frames':64,'video_size':{'longest_edge':512}}}"),
            json("{}"));

    assertThat(rule.longestEdge()).isEqualTo(512);
    assertThat(rule.choose(100, 25)).containsExactly(0, 33, 66, 99);
    assertThat(rule.choose(10, 25)).containsExactly(0);
    int[] of10Minutes = rule.choose(18_000, 30);
    assertThat(of10Minutes).hasSize(64).startsWith(30, 314, 599).endsWith(17_970);
  }

  @Test
  void smolVlm2_anotherRate() throws JsonProcessingException {
    FrameRule twice = FrameRule.of(json("{'video_sampling':{'fps':2,'max_frames':4}}"), json("{}"));
    FrameRule half =
        FrameRule.of(json("{'video_sampling':{'fps':0.5,'max_frames':4}}"), json("{}"));

    assertThat(twice.choose(15, 10)).containsExactly(0, 7, 14);
    // 7 seconds without the ends are not more than 4 frames times the rate, 10 seconds are.
    assertThat(twice.choose(90, 10)).containsExactly(0, 29, 59, 89);
    assertThat(twice.choose(120, 10)).containsExactly(10, 43, 76, 110);
    // 2.5 frames are rounded to 2; 3 seconds are more than 4 times 0.5.
    assertThat(half.choose(50, 10)).containsExactly(10, 40);
  }

  @Test
  void qwen2_anEvenNumberFromTheFirstOn() throws JsonProcessingException {
    FrameRule rule = FrameRule.of(json("{'processor_class':'Qwen2_5_VLProcessor'}"), json("{}"));

    assertThat(rule.choose(100, 25)).containsExactly(0, 12, 25, 37, 50, 62, 75, 87);
    assertThat(rule.choose(3, 25)).containsExactly(0, 1);
    assertThat(rule.choose(1, 25)).containsExactly(0);
    assertThat(rule.choose(60 * 60 * 25, 25)).hasSize(768);
  }

  @Test
  void qwen3_fromTheFirstToTheLast() throws JsonProcessingException {
    FrameRule rule =
        FrameRule.of(
            json("{'processor_class':'Qwen3VLProcessor'}"),
            json("{'fps':2,'min_frames':4,'max_frames':768}"));

    assertThat(rule.choose(100, 25)).containsExactly(0, 14, 28, 42, 57, 71, 85, 99);
    assertThat(rule.choose(2, 25)).containsExactly(0, 1);
  }

  @Test
  void otherPackages_evenlyAsManyAsTheySay() throws JsonProcessingException {
    assertThat(FrameRule.of(json("{}"), json("{'num_frames':4}")).choose(32, 8))
        .containsExactly(0, 10, 20, 31);
    assertThat(FrameRule.of(json("{}"), json("{}")).choose(100, 25)).hasSize(8);
    assertThat(new FrameRule.Uniform(1).choose(32, 8)).containsExactly(0);
    assertThat(new FrameRule.Uniform(9).choose(3, 8)).containsExactly(0, 1, 2);
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }
}
