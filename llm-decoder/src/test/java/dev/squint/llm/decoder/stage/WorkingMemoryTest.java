package dev.squint.llm.decoder.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.onnx.graph.AttentionLimits;
import dev.squint.vision.onnx.graph.LayerInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkingMemoryTest {

  @Test
  void attentionGrowsWithNewTokensAndColumns() {
    // Two matrices 10 x 25 of 3 heads, and 16 rows of 8 for each of 10 tokens, 4 bytes each.
    assertThat(new WorkingMemory(2, 3, 8).bytes(10, 25))
        .isEqualTo(4 * (2 * 3 * 10 * 25 + 16 * 10 * 8));
  }

  @Test
  void headsAreThoseOfTheGraph_elseOfThirtyTwoNumbersEach() {
    LayerInfo declared = new LayerInfo(0, "Softmax", 6, 2, AttentionLimits.NONE, true);
    LayerInfo unknown = new LayerInfo(0, "Softmax", 0, 0, AttentionLimits.NONE, true);

    assertThat(WorkingMemory.of(2, List.of(declared), 576).heads()).isEqualTo(6);
    assertThat(WorkingMemory.of(2, List.of(unknown), 576).heads()).isEqualTo(18);
    assertThat(WorkingMemory.of(2, List.of(), 32).heads()).isEqualTo(1);
  }

  @Test
  void stagesKeepThreeQuartersOfAGigabyteInAll() {
    // 83 MB each, so nine stages keep 746 MB.
    assertThat(new WorkingMemory(9, 6, 192).isKept(1192, 1192)).isTrue();
    assertThat(new WorkingMemory(10, 6, 192).isKept(1192, 1192)).isFalse();
    assertThat(new WorkingMemory(8, 6, 192).isKept(300, 300)).isTrue();
    assertThat(new WorkingMemory(32, 32, 4096).isKept(200_000, 200_000)).isFalse();
  }

  @Test
  void oneSessionAndDecodingKeepTheirMemory() {
    assertThat(new WorkingMemory(1, 32, 4096).isKept(200_000, 200_000)).isTrue();
    assertThat(new WorkingMemory(32, 32, 4096).isKept(1, 200_000)).isTrue();
  }
}
