package dev.squint.vision.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Attention;
import dev.squint.pruner.ClsToken;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsLogits;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.evidence.ReceivedAttention;
import dev.squint.vision.encoder.EncoderCache.Encoded;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FeatureFormatTest {

  private static final Set<Evidence<?>> KINDS =
      Set.of(
          new ClsAttention(-1),
          new ClsLogits(2),
          new EncoderKeys(1),
          new ClsQueryAndKey(0),
          new EncoderHidden(3),
          new ReceivedAttention(0.5));

  /** Three tokens of a crop with padding and of a global view; one token is merged of two. */
  private static Encoded tiles() {
    List<Tile> tiles =
        List.of(
            new Tile(0, 2, 2, new Tile.Crop(0, 1, 1, 2), new Tile.Area(0, 0, 1, 2)),
            Tile.global(1, 1, 2));
    List<TokenPosition> positions =
        List.of(
            new TokenPosition(0, 0, 0, 1),
            new TokenPosition(0, 0, 1, 1),
            new TokenPosition(1, 1, 0, 0));
    EvidenceSet observed =
        EvidenceSet.nothing()
            .after(7)
            .with(new ClsAttention(-1), new Attention(numbers(2, 3), true), 11)
            .with(new ClsLogits(2), new Logits(numbers(2, 3), false), 13)
            .with(new EncoderKeys(1), new Keys(numbers(3, 4), 2))
            .with(new ClsQueryAndKey(0), new ClsToken(numbers(2, 3), numbers(2, 3)))
            .with(new EncoderHidden(3), numbers(3, 5), 17)
            .with(new ReceivedAttention(0.5), Attention.of(numbers(1, 3)));
    PatchTokens tokens =
        PatchTokens.encoded(tiles, positions, new int[] {2, 1, 1}, numbers(3, 2), observed);
    return new Encoded(tokens, 12.5, 0, 2);
  }

  private static Matrix numbers(int rows, int cols) {
    float[] data = new float[rows * cols];
    for (int i = 0; i < data.length; i++) {
      data[i] = (i - 3) / 7f;
    }
    return new Matrix(rows, cols, data);
  }

  @Test
  void allThatIsKnownOfTheTokens_isReadAsItWasWritten() {
    Encoded written = tiles();
    Encoded read = FeatureFormat.read("n", FeatureFormat.write("n", written), KINDS).orElseThrow();
    assertThat(read.encodeMillis()).isEqualTo(12.5);
    assertThat(read.encodedTiles()).isEqualTo(2);
    PatchTokens tokens = read.tokens();
    assertThat(tokens.tiles()).isEqualTo(written.tokens().tiles());
    assertThat(tokens.positions()).isEqualTo(written.tokens().positions());
    assertThat(tokens.patches()).containsExactly(2, 1, 1);
    assertThat(tokens.operations()).isEqualTo(7 + 11 + 13 + 17);
    assertThat(tokens.features().data()).isEqualTo(numbers(3, 2).data());
    assertThat(tokens.evidenceKinds()).isEqualTo(KINDS);
    assertThat(tokens.evidence(new ClsAttention(-1)).substitute()).isTrue();
    assertThat(tokens.evidence(new ClsLogits(2)).perHead().data()).isEqualTo(numbers(2, 3).data());
    assertThat(tokens.evidence(new EncoderKeys(1)).heads()).isEqualTo(2);
    assertThat(tokens.evidence(new ClsQueryAndKey(0)).keys().rows()).isEqualTo(2);
    assertThat(tokens.showingOnly(Set.of(new EncoderHidden(3))).operations()).isEqualTo(7 + 17);
  }

  @Test
  void shapesBeyondTheBytes_takeNoMemory() throws IOException {
    // 4 times the first of these products is negative in 64 bits; its lower 32 bits are 2^29 - 1.
    for (int[] shape :
        new int[][] {{Integer.MAX_VALUE, 0x60000001}, {1 << 15, 1 << 15}, {-1, -1}, {1, 1}}) {
      byte[] value = ByteBuffer.allocate(9).putInt(1, shape[0]).putInt(5, shape[1]).array();
      assertThatThrownBy(
              () -> EvidenceValues.read(new DataInputStream(new ByteArrayInputStream(value))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("fewer numbers");
    }
  }

  @Test
  void anotherName_orOtherEvidence_isNotRead() {
    byte[] value = FeatureFormat.write("n", tiles());
    assertThat(FeatureFormat.read("m", value, KINDS)).isEmpty();
    assertThat(FeatureFormat.read("n", value, Set.of(new ClsAttention(-1)))).isEmpty();
    assertThat(FeatureFormat.read("n", new byte[0], KINDS)).isEmpty();
  }
}
