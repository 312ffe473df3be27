package dev.squint.vision.tile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

/** Crops of Phi-3.5-vision; `ConversationsTest` of llm-decoder compares pixels of many sizes. */
class HdTilerTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EDGE = 336;

  private static JsonNode config(int crops) {
    ObjectNode config = JSON.createObjectNode();
    return config.put("image_processor_type", "Phi3VImageProcessor").put("num_crops", crops);
  }

  private static Picture black(int width, int height) {
    return new Picture(width, height, new byte[3 * width * height]);
  }

  @Test
  void picturesAreEnlarged_unlessThatIsCapped_andFramesHaveOneCrop() {
    Dimensions small = new Dimensions(90, 70);

    assertThat(ImageTilers.of(config(16)).tiles(small)).isEqualTo(1 + 4 * 4);
    assertThat(ImageTilers.ofNativeSize(config(16)).tiles(small)).isEqualTo(2);
    assertThat(ImageTilers.ofNativeSize(config(16)).tiles(new Dimensions(700, 340)))
        .isEqualTo(1 + 3 * 2);
    TiledImage frame =
        ImageTilers.ofFrames(config(16), JSON.createObjectNode()).tile(black(90, 70));
    assertThat(frame.tiles()).hasSize(2);
    assertThat(frame.tiles().get(0).isGlobal()).isTrue();
  }

  @Test
  void theShorterSide_isPaddedWithWhite() {
    ImageTiler tiler = ImageTilers.of(config(1));

    FloatBuffer wide = tiler.tile(black(200, 100)).pixels();
    FloatBuffer tall = tiler.tile(black(100, 200)).pixels();

    // The crop follows on the global view, which is the same picture here.
    int crop = 3 * EDGE * EDGE;
    assertThat(wide.get(crop)).isPositive();
    assertThat(wide.get(crop + EDGE / 2 * EDGE)).isNegative();
    int different = 0;
    for (int row = 0; row < EDGE; row++) {
      for (int col = 0; col < EDGE; col++) {
        float value = wide.get(crop + row * EDGE + col);
        boolean same =
            value == tall.get(crop + col * EDGE + row) && value == wide.get(row * EDGE + col);
        different += same ? 0 : 1;
      }
    }
    assertThat(different).isZero();
  }
}
