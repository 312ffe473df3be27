package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Tile;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache.Encoded;
import dev.squint.vision.io.ContentHash;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.tile.TiledImage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * An encoder in another process. Its weights are not loaded here. Plans at {@code patches} are
 * refused, because they cut the encoder's graph here. Thread-safe.
 */
public final class RemoteVisionEncoder implements VisionEncoder {

  /** Pixels of one request: four tiles of 512 x 512. */
  private static final long MOST_BYTES = 12L << 20;

  /** Plans and kinds of evidence whose check is remembered. */
  private static final int MOST_KNOWN = 1000;

  private final EncodeTransport transport;
  private final String fingerprint;
  private final FeatureBound bound;
  private final EncodeTransport.Description description;
  private final Set<Evidence<?>> ofPrompts = new LinkedHashSet<>();
  private final Map<String, String> refusals = new ConcurrentHashMap<>();
  private final Map<String, Boolean> given = new ConcurrentHashMap<>();

  /**
   * Connects to an encoder, and waits until one answers. The caller still closes the transport.
   *
   * @param fingerprint the encoder that is meant, {@link EncoderFingerprint}
   * @param bound how long answers may be
   */
  public RemoteVisionEncoder(EncodeTransport transport, String fingerprint, FeatureBound bound) {
    this.transport = transport;
    this.fingerprint = fingerprint;
    this.bound = bound;
    this.description = transport.describe(fingerprint);
    description.ofPrompts().forEach(name -> ofPrompts.add(EvidenceNames.parse(name)));
  }

  @Override
  public Optional<Matrix> lineBreak() {
    List<float[]> rows = description.lineBreak();
    return rows.isEmpty() ? Optional.empty() : Optional.of(Matrix.of(rows.toArray(float[][]::new)));
  }

  @Override
  public Set<Evidence<?>> ofPrompts() {
    return Set.copyOf(ofPrompts);
  }

  @Override
  public Device.Kind computedOn() {
    return description.computedOn();
  }

  /** The encoder that is meant, {@link EncoderFingerprint}. */
  String fingerprint() {
    return fingerprint;
  }

  @Override
  public PatchTokens encode(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    boolean apart = description.tilesApart() && RewrittenEncoder.inside(plan).isEmpty();
    List<TileSelection> parts = apart ? parts(pictures) : List.of();
    if (parts.size() <= 1) {
      return transport
          .run(List.<Supplier<PatchTokens>>of(() -> encodeTogether(pictures, evidence, plan)))
          .get(0);
    }
    List<Supplier<TileSelection.Encoded>> requests = new ArrayList<>();
    for (TileSelection part : parts) {
      requests.add(
          () ->
              new TileSelection.Encoded(
                  part, part.placed(encodeTogether(part.toEncode(), evidence, plan))));
    }
    return TileSelection.together(pictures, transport.run(requests));
  }

  /** Divides many tiles into several requests, which several replicas may answer. */
  private static List<TileSelection> parts(List<TiledImage> pictures) {
    List<TileSelection> parts = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    long bytes = 0;
    int place = 0;
    for (TiledImage picture : pictures) {
      long ofTile = (long) Float.BYTES * picture.pixels().remaining() / picture.tiles().size();
      for (int tile = 0; tile < picture.tiles().size(); tile++) {
        if (!places.isEmpty() && bytes + ofTile > MOST_BYTES) {
          parts.add(new TileSelection(pictures, places));
          places.clear();
          bytes = 0;
        }
        places.add(place++);
        bytes += ofTile;
      }
    }
    parts.add(new TileSelection(pictures, places));
    return parts;
  }

  private PatchTokens encodeTogether(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    byte[] request = new EncodeRequest(fingerprint, pictures, evidence, plan).write();
    byte[] answer = transport.encode(request, bound.bytes(pictures, evidence.size()));
    Optional<Encoded> encoded = FeatureFormat.read(ContentHash.of(request), answer, evidence);
    PatchTokens tokens =
        encoded
            .orElseThrow(
                () ->
                    new EncoderUnavailableException(
                        "an encode replica answered with other bytes than encoded tiles; give all replicas the same version of Squint"))
            .tokens();
    check(tokens.tiles(), pictures);
    return tokens;
  }

  private static void check(List<Tile> tiles, List<TiledImage> pictures) {
    List<Integer> frames = new ArrayList<>();
    for (int frame = 0; frame < pictures.size(); frame++) {
      for (int tile = 0; tile < pictures.get(frame).tiles().size(); tile++) {
        frames.add(frame);
      }
    }
    if (!tiles.stream().map(Tile::frame).toList().equals(frames)) {
      throw new EncoderUnavailableException(
          "an encode replica answered with %d tiles to a request with %d; give all replicas the same version of Squint"
              .formatted(tiles.size(), frames.size()));
    }
  }

  @Override
  public void check(PruningPlan plan) {
    if (plan.points().contains(Point.PATCHES)) {
      throw new IllegalArgumentException(
          "an answer replica has no encoder to cut, so plans at patches are for replicas with squint.role=all; use tiles or encoder instead of patches");
    }
    if (RewrittenEncoder.inside(plan).isEmpty()) {
      return;
    }
    String refusal =
        remembered(refusals, plan.toString(), () -> transport.refusal(fingerprint, plan));
    if (!refusal.isEmpty()) {
      throw new IllegalArgumentException(refusal);
    }
  }

  /** What was answered before, or is now; two callers may ask at once, since neither may wait. */
  private static <V> V remembered(Map<String, V> known, String key, Supplier<V> answer) {
    V before = known.get(key);
    if (before != null) {
      return before;
    }
    V now = answer.get();
    if (known.size() >= MOST_KNOWN) {
      known.clear();
    }
    known.put(key, now);
    return now;
  }

  @Override
  public boolean gives(Evidence<?> evidence) {
    if (evidence.source() != Evidence.Source.ENCODER) {
      return false;
    }
    return remembered(given, evidence.toString(), () -> transport.gives(fingerprint, evidence));
  }

  @Override
  public boolean encodesTilesApart() {
    return description.tilesApart();
  }

  @Override
  public void close() {
    // The caller closes the transport.
  }
}
