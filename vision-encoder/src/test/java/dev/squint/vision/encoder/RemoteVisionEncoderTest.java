package dev.squint.vision.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ReceivedAttention;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncodeTransport.Description;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RemoteVisionEncoderTest {

  private static final ClsAttention LAST = new ClsAttention(-1);
  private static final FeatureBound BOUND = new FeatureBound(1);

  private final SumEncoder local = new SumEncoder();

  private RemoteVisionEncoder remote(UnaryOperator<byte[]> wire) {
    EncodeService service = new EncodeService(new EncoderCache(local, 0), "f");
    return new RemoteVisionEncoder(new Direct(service, wire), "f", BOUND);
  }

  @Test
  void tokensAreThoseOfTheEncoder() {
    List<TiledImage> pictures = List.of(picture(2, 1, 2, 3), picture(2, 4));
    PatchTokens expected = local.encode(pictures, Set.of(LAST), PruningPlan.none());
    PatchTokens tokens = remote(bytes -> bytes).encode(pictures, Set.of(LAST), PruningPlan.none());
    assertThat(tokens.features().data()).isEqualTo(expected.features().data());
    assertThat(tokens.tiles()).isEqualTo(expected.tiles());
    assertThat(tokens.positions()).isEqualTo(expected.positions());
    assertThat(tokens.evidence(LAST).perHead().data())
        .isEqualTo(expected.evidence(LAST).perHead().data());
  }

  @Test
  void whatIsStored_isNamedByTheDeviceOfTheOtherProcess_withoutReadingTheGraph() {
    Path none = Path.of("none.onnx");
    assertThat(EncoderFingerprint.of(none, remote(bytes -> bytes))).isEqualTo("f");
    local.device = Device.Kind.CUDA;
    assertThat(EncoderFingerprint.of(none, remote(bytes -> bytes))).isEqualTo("f-cuda");
    assertThat(new BatchedEncoder(local, 1, 1).computedOn()).isEqualTo(Device.Kind.CUDA);
    assertThat(new Description(true, List.of(), List.of(), null).computedOn())
        .as("of a replica of an earlier version")
        .isEqualTo(Device.Kind.CPU);
  }

  @Test
  void manyTiles_areSeveralRequests() {
    // 2 MiB of pixels each, so that 6 tiles are a request.
    int edge = 418;
    List<TiledImage> pictures = List.of(picture(edge, 1, 2, 3, 4, 5, 6, 7), picture(edge, 8));
    PatchTokens expected = local.encode(pictures, Set.of(LAST), PruningPlan.none());
    local.asked.clear();
    PatchTokens tokens = remote(bytes -> bytes).encode(pictures, Set.of(LAST), PruningPlan.none());
    assertThat(local.asked).containsExactlyInAnyOrder(6, 2);
    assertThat(tokens.features().data()).isEqualTo(expected.features().data());
    assertThat(tokens.tiles()).isEqualTo(expected.tiles());
  }

  @Test
  void lineBreakAndEvidenceOfPrompts_areThoseOfTheEncoder() {
    RemoteVisionEncoder remote = remote(bytes -> bytes);
    Matrix rows = remote.lineBreak().orElseThrow();
    assertThat(rows.rows()).isEqualTo(2);
    assertThat(rows.data()).containsExactly(0.25f, -3, 1, 2);
    assertThat(remote.ofPrompts()).containsExactly(LAST);
    assertThat(remote.gives(LAST)).isTrue();
    assertThat(remote.gives(new ClsAttention(3))).isFalse();
  }

  @Test
  void plansAreCheckedByTheEncoder_andThoseAtPatchesAreRefused() {
    RemoteVisionEncoder remote = remote(bytes -> bytes);
    remote.check(PruningPlan.parse("encoder:divprune(keep=0.5)"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> remote.check(PruningPlan.parse("encoder3:tome(keep=0.5)")))
        .withMessage("no layers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> remote.check(PruningPlan.parse("patches:uniform-grid(keep=0.5)")))
        .withMessageContaining("squint.role=all");
  }

  @Test
  void answersOfTheEncoderAboutPlansAndEvidence_areRemembered() {
    List<String> asked = new ArrayList<>();
    Direct direct = new Direct(new EncodeService(new EncoderCache(local, 0), "f"), bytes -> bytes);
    RemoteVisionEncoder remote =
        new RemoteVisionEncoder(
            new EncodeTransport() {
              @Override
              public Description describe(String fingerprint) {
                return direct.describe(fingerprint);
              }

              @Override
              public String refusal(String fingerprint, PruningPlan plan) {
                asked.add(plan.toString());
                return direct.refusal(fingerprint, plan);
              }

              @Override
              public boolean gives(String fingerprint, Evidence<?> evidence) {
                asked.add(evidence.toString());
                return direct.gives(fingerprint, evidence);
              }

              @Override
              public byte[] encode(byte[] request, long mostBytes) {
                return direct.encode(request, mostBytes);
              }
            },
            "f",
            BOUND);
    for (int i = 0; i < 3; i++) {
      remote.gives(LAST);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> remote.check(PruningPlan.parse("encoder3:tome(keep=0.5)")));
    }
    assertThat(asked).containsExactlyInAnyOrder(LAST.toString(), "encoder3:tome(keep=0.5)");
  }

  @Test
  void theBoundOfAnswers_followsTilesAndEvidence() {
    FeatureBound bound = new FeatureBound(1000);
    long one = bound.bytes(List.of(picture(16, 1)), 0);
    long two = bound.bytes(List.of(picture(16, 1, 2)), 0);
    // 4 patches of 8 x 8 pixels with rows of 4,000 bytes, twice.
    assertThat(two - one).isBetween(4 * 4000L, 30 * 4000L);
    assertThat(two).isLessThan(250_000);
    assertThat(bound.bytes(List.of(picture(16, 1)), 1)).isGreaterThan(2 * one - 100_000);
  }

  @Test
  void damagedOrForeignAnswers_areRetryableErrors() {
    for (UnaryOperator<byte[]> damage :
        List.<UnaryOperator<byte[]>>of(
            bytes -> new byte[0],
            bytes -> {
              bytes[bytes.length / 2] ^= 1;
              return bytes;
            })) {
      assertThatThrownBy(
              () -> remote(damage).encode(List.of(picture(2, 1)), Set.of(), PruningPlan.none()))
          .isInstanceOf(EncoderUnavailableException.class)
          .hasMessageContaining("same version");
    }
    byte[] ofAnother =
        new EncodeService(new EncoderCache(local, 0), "f")
            .encode(
                new EncodeRequest("f", List.of(picture(2, 9)), Set.of(), PruningPlan.none())
                    .write());
    assertThatThrownBy(
            () ->
                remote(bytes -> ofAnother)
                    .encode(List.of(picture(2, 1)), Set.of(), PruningPlan.none()))
        .isInstanceOf(EncoderUnavailableException.class);
  }

  @Test
  void requestsForAnotherEncoder_andDamagedOnes_areRefused() {
    EncodeService service = new EncodeService(new EncoderCache(local, 0), "g");
    byte[] request =
        new EncodeRequest("f", List.of(picture(2, 1)), Set.of(LAST), PruningPlan.none()).write();
    assertThatThrownBy(() -> service.encode(request))
        .isInstanceOf(EncodeService.OtherEncoderException.class);
    assertThatThrownBy(() -> service.describe("f"))
        .isInstanceOf(EncodeService.OtherEncoderException.class);
    for (int length = 0; length < request.length; length += 7) {
      byte[] cut = java.util.Arrays.copyOf(request, length);
      assertThatIllegalArgumentException().isThrownBy(() -> EncodeRequest.read(cut));
    }
  }

  @Test
  void evidenceIsFoundByItsText() {
    assertThat(EvidenceNames.parse(LAST.toString())).isEqualTo(LAST);
    assertThat(EvidenceNames.parse(new ReceivedAttention(0.5).toString()))
        .isEqualTo(new ReceivedAttention(0.5));
    for (String none : List.of("", "Nothing[]", "ClsAttention[layer=x]", "TileSummary[a=1]")) {
      assertThatIllegalArgumentException().isThrownBy(() -> EvidenceNames.parse(none));
    }
  }

  @Test
  void requestsThatWait_areEncodedTogether_eachWithItsOwnTiles() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    local.pause = first;
    BatchedEncoder batched = new BatchedEncoder(local, 4, 1);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<PatchTokens>> running = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int value = i;
        running.add(
            threads.submit(
                () ->
                    batched.encode(List.of(picture(2, value)), Set.of(LAST), PruningPlan.none())));
        if (i == 0) {
          local.begun.await();
        }
      }
      while (batched.waiting() < 5) {
        Thread.sleep(1);
      }
      first.countDown();
      for (int i = 0; i < 6; i++) {
        PatchTokens tokens = running.get(i).get();
        assertThat(tokens.features().get(0, 0)).isEqualTo(12f * i);
        assertThat(tokens.tiles()).containsExactly(Tile.global(0, 1, 1));
      }
      assertThat(local.asked).containsExactly(1, 4, 1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aRequestThatFails_doesNotFailOthers() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    local.pause = first;
    BatchedEncoder batched = new BatchedEncoder(local, 4, 1);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<PatchTokens>> running = new ArrayList<>();
      for (int value : new int[] {1, SumEncoder.BROKEN, 2}) {
        running.add(
            threads.submit(
                () -> batched.encode(List.of(picture(2, value)), Set.of(), PruningPlan.none())));
        if (value == 1) {
          local.begun.await();
        }
      }
      while (batched.waiting() < 2) {
        Thread.sleep(1);
      }
      first.countDown();
      assertThat(running.get(2).get().features().get(0, 0)).isEqualTo(24);
      assertThatThrownBy(() -> running.get(1).get()).hasRootCauseMessage("broken");
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void requestsThatAreEncodedByThemselves_takeTurns() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    local.pause = first;
    BatchedEncoder batched = new BatchedEncoder(local, 4, 1);
    PruningPlan inside = PruningPlan.parse("encoder2:tome(keep=0.5)");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<PatchTokens>> running = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int value = i;
        running.add(
            threads.submit(() -> batched.encode(List.of(picture(2, value)), Set.of(LAST), inside)));
        local.begun.await();
      }
      while (batched.waiting() < 1 && local.asked.size() < 2) {
        Thread.sleep(1);
      }
      assertThat(local.asked).hasSize(1);
      first.countDown();
      for (int i = 0; i < 2; i++) {
        assertThat(running.get(i).get().features().get(0, 0)).isEqualTo(12f * i);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** A picture whose tiles have one value each; the first is the global view. */
  private static TiledImage picture(int edge, int... values) {
    int size = 3 * edge * edge;
    FloatBuffer pixels = FloatBuffer.allocate(size * values.length);
    List<TilePlacement> tiles = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      for (int p = 0; p < size; p++) {
        pixels.put(values[i]);
      }
      Tile.Crop crop = i == 0 ? null : new Tile.Crop(0, i - 1, 1, values.length - 1);
      tiles.add(new TilePlacement(crop, new Region(0, 0, edge, edge)));
    }
    return new TiledImage(edge, edge, edge, edge, tiles, null, pixels.flip());
  }

  private record Direct(EncodeService service, UnaryOperator<byte[]> wire)
      implements EncodeTransport {
    @Override
    public Description describe(String fingerprint) {
      return service.describe(fingerprint);
    }

    @Override
    public String refusal(String fingerprint, PruningPlan plan) {
      return service.refusal(fingerprint, plan.toString());
    }

    @Override
    public boolean gives(String fingerprint, Evidence<?> evidence) {
      return service.gives(fingerprint, evidence.toString());
    }

    @Override
    public byte[] encode(byte[] request, long mostBytes) {
      byte[] answer = wire.apply(service.encode(request));
      assertThat((long) answer.length).isLessThanOrEqualTo(mostBytes);
      return answer;
    }
  }

  /** Gives one token for each tile, the sum of its first 12 values. */
  private static final class SumEncoder implements VisionEncoder {

    static final int BROKEN = -7;

    private final List<Integer> asked = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch begun = new CountDownLatch(1);
    private CountDownLatch pause = new CountDownLatch(0);
    private Device.Kind device = Device.Kind.CPU;

    @Override
    public Device.Kind computedOn() {
      return device;
    }

    @Override
    public PatchTokens encode(
        List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
      List<Tile> tiles = new ArrayList<>();
      List<Float> sums = new ArrayList<>();
      for (int frame = 0; frame < pictures.size(); frame++) {
        TiledImage picture = pictures.get(frame);
        int size = picture.pixels().remaining() / picture.tiles().size();
        for (int t = 0; t < picture.tiles().size(); t++) {
          tiles.add(new TokenGrid(1, 1).tile(frame, picture.tiles().get(t), picture));
          float value = picture.pixels().get(t * size);
          if (value == BROKEN) {
            throw new IllegalStateException("broken");
          }
          sums.add(12 * value);
        }
      }
      asked.add(tiles.size());
      begun.countDown();
      try {
        pause.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      float[] features = new float[sums.size()];
      for (int i = 0; i < features.length; i++) {
        features[i] = sums.get(i);
      }
      EvidenceSet observed = EvidenceSet.nothing();
      for (Evidence<?> kind : evidence) {
        Matrix row = new Matrix(1, features.length, features.clone());
        observed = observed.with((ClsAttention) kind, Attention.of(row));
      }
      return PatchTokens.encoded(tiles, new Matrix(features.length, 1, features), observed);
    }

    @Override
    public void check(PruningPlan plan) {
      if (!RewrittenEncoder.inside(plan).isEmpty()) {
        throw new IllegalArgumentException("no layers");
      }
    }

    @Override
    public boolean gives(Evidence<?> evidence) {
      return evidence.equals(LAST);
    }

    @Override
    public Optional<Matrix> lineBreak() {
      return Optional.of(new Matrix(2, 2, new float[] {0.25f, -3, 1, 2}));
    }

    @Override
    public Set<Evidence<?>> ofPrompts() {
      return Set.of(LAST);
    }

    @Override
    public boolean encodesTilesApart() {
      return true;
    }

    @Override
    public void close() {}
  }
}
