package dev.squint.vision.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache.Encoded;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SharedFeaturesTest {

  private static final ClsAttention LAST = new ClsAttention(-1);
  private static final ClsAttention FIRST = new ClsAttention(0);

  private final MapStore store = new MapStore();
  private final TileEncoder encoder = new TileEncoder();

  private EncoderCache cache(String fingerprint) {
    return EncoderCache.sharing(encoder, 1 << 20, 1, store, fingerprint);
  }

  @Test
  void whatOneProcessEncodes_anotherFinds() {
    Encoded first = cache("a").encode(List.of(picture(1), picture(2)), Set.of(LAST));
    Encoded second = cache("a").encode(List.of(picture(2), picture(3)), Set.of(LAST));
    assertThat(encoder.tiles).isEqualTo(3);
    assertThat(second.encodedTiles()).isEqualTo(1);
    assertThat(second.tokens().features().row(0)).isEqualTo(first.tokens().features().row(2));
    assertThat(second.tokens().evidence(LAST).perHead().get(0, 0)).isEqualTo(2);
    assertThat(store.looked).isEqualTo("0/2/0 1/1/0 ");
  }

  @Test
  void whatWasFound_isNotLookedUpAgain() {
    cache("a").encode(List.of(picture(1)), Set.of());
    EncoderCache other = cache("a");
    assertThat(other.encode(List.of(picture(1)), Set.of()).fromCache()).isTrue();
    assertThat(other.encode(List.of(picture(1)), Set.of()).fromCache()).isTrue();
    assertThat(store.looked).isEqualTo("0/1/0 1/0/0 ");
  }

  @Test
  void anotherEncoder_findsNothing() {
    cache("a").encode(List.of(picture(1)), Set.of());
    assertThat(cache("b").encode(List.of(picture(1)), Set.of()).fromCache()).isFalse();
  }

  @Test
  void entriesAreNamedByTheVersionOfSquint() throws IOException {
    cache("a").encode(List.of(picture(1)), Set.of());
    assertThat(store.values.keySet())
        .allMatch(name -> name.startsWith("squint:features:" + SharedFeatures.VERSION + ":"));
    assertThat(Files.readString(Path.of("../pom.xml")))
        .containsPattern(
            "<artifactId>squint-parent</artifactId>\\s*<version>"
                + SharedFeatures.VERSION
                + "(-SNAPSHOT)?</version>");
  }

  @Test
  void plansWithOtherEvidence_doNotReplaceEachOthersEntries() {
    cache("a").encode(List.of(picture(1)), Set.of());
    cache("a").encode(List.of(picture(1)), Set.of(FIRST));
    assertThat(cache("a").encode(List.of(picture(1)), Set.of()).fromCache()).isTrue();
    assertThat(cache("a").encode(List.of(picture(1)), Set.of(FIRST)).fromCache()).isTrue();
    assertThat(cache("a").encode(List.of(picture(1)), Set.of(LAST)).fromCache()).isFalse();
    assertThat(encoder.tiles).isEqualTo(3);
  }

  @Test
  void whereTilesAreNotEncodedApart_theRequestIsOneEntry() {
    encoder.apart = false;
    Encoded first = cache("a").encode(List.of(picture(1), picture(2)), Set.of(LAST));
    Encoded same = cache("a").encode(List.of(picture(1), picture(2)), Set.of(LAST));
    assertThat(same.tokens().features().data()).isEqualTo(first.tokens().features().data());
    assertThat(same.tokens().tiles()).isEqualTo(first.tokens().tiles());
    assertThat(same.tokens().positions()).isEqualTo(first.tokens().positions());
    assertThat(encoder.tiles).isEqualTo(2);
    cache("a").encode(List.of(picture(2)), Set.of(LAST));
    assertThat(encoder.tiles).isEqualTo(3);
  }

  @Test
  void damagedValues_areEncodedAgain() {
    float[] right = cache("a").encode(List.of(picture(5)), Set.of(LAST)).tokens().features().data();
    String name = store.values.keySet().iterator().next();
    byte[] value = Objects.requireNonNull(store.values.get(name));
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = value.clone();
      damaged[i < value.length ? i : random.nextInt(value.length)] ^= (byte) (1 << (i % 8));
      store.values.put(name, i % 5 == 4 ? Arrays.copyOf(value, i) : damaged);
      Encoded encoded = cache("a").encode(List.of(picture(5)), Set.of(LAST));
      assertThat(encoded.fromCache()).as("damage %d", i).isFalse();
      assertThat(encoded.tokens().features().data()).isEqualTo(right);
    }
    assertThat(store.looked).contains("0/0/1");
  }

  @Test
  void aValueOfAnotherTile_isEncodedAgain() {
    cache("a").encode(List.of(picture(1)), Set.of());
    byte[] ofFirst = store.values.values().iterator().next();
    cache("a").encode(List.of(picture(2)), Set.of());
    store.values.replaceAll((name, value) -> ofFirst);
    Encoded second = cache("a").encode(List.of(picture(2)), Set.of());
    assertThat(second.fromCache()).isFalse();
    assertThat(second.tokens().features().get(0, 0)).isEqualTo(2);
  }

  private static TiledImage picture(int value) {
    float[] pixels = new float[3 * 2 * 2];
    pixels[0] = value;
    TilePlacement whole = new TilePlacement(null, new Region(0, 0, 2, 2));
    return new TiledImage(2, 2, 2, 2, List.of(whole), null, FloatBuffer.wrap(pixels));
  }

  /** Keeps values in memory, and writes down what was found. */
  private static final class MapStore implements FeatureStore {

    private final Map<String, byte[]> values = new HashMap<>();
    private String looked = "";

    @Override
    public Map<String, byte[]> find(Collection<String> keys) {
      Map<String, byte[]> found = new HashMap<>(values);
      found.keySet().retainAll(keys);
      return found;
    }

    @Override
    public void keep(Map<String, byte[]> more) {
      values.putAll(more);
    }

    @Override
    public void looked(int hits, int misses, int damaged) {
      looked += "%d/%d/%d ".formatted(hits, misses, damaged);
    }
  }

  /** Gives two tokens for each tile, of its first pixel; attention too. */
  private static final class TileEncoder implements VisionEncoder {

    private int tiles;
    private boolean apart = true;

    @Override
    public PatchTokens encode(
        List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
      List<Tile> grid = new ArrayList<>();
      float[] features = new float[4 * pictures.size()];
      float[] attention = new float[2 * pictures.size()];
      for (int i = 0; i < pictures.size(); i++) {
        grid.add(Tile.global(i, 1, 2));
        Arrays.fill(features, 4 * i, 4 * i + 4, pictures.get(i).pixels().get(0));
        Arrays.fill(attention, 2 * i, 2 * i + 2, pictures.get(i).pixels().get(0));
      }
      tiles += pictures.size();
      EvidenceSet observed = EvidenceSet.nothing();
      for (Evidence<?> kind : evidence) {
        Matrix row = new Matrix(1, attention.length, attention);
        observed = observed.with((ClsAttention) kind, Attention.of(row));
      }
      return PatchTokens.encoded(grid, new Matrix(2 * pictures.size(), 2, features), observed);
    }

    @Override
    public void check(PruningPlan plan) {}

    @Override
    public boolean gives(Evidence<?> evidence) {
      return true;
    }

    @Override
    public boolean encodesTilesApart() {
      return apart;
    }

    @Override
    public void close() {}
  }
}
