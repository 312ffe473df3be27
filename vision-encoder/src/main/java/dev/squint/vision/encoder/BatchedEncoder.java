package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.Placement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;

/**
 * Encodes the tiles of several requests together. While one batch is encoded, later requests
 * gather; the thread of one of them encodes the next batch. Requests with other evidence, with
 * plans inside the encoder, or whose tiles change each other's tokens are encoded by themselves.
 * Thread-safe.
 */
public final class BatchedEncoder implements VisionEncoder {

  private final VisionEncoder encoder;
  private final int mostTiles;
  private final List<Waiting> waiting = new ArrayList<>();
  private final Semaphore apart;
  private boolean busy;

  /**
   * Wraps an encoder, and closes it.
   *
   * @param mostTiles tiles of a batch of several requests
   * @param encodings requests that are encoded by themselves at the same time; others wait
   */
  public BatchedEncoder(VisionEncoder encoder, int mostTiles, int encodings) {
    this.encoder = encoder;
    this.mostTiles = mostTiles;
    this.apart = new Semaphore(encodings, true);
  }

  private record Waiting(
      List<TiledImage> pictures,
      Set<? extends Evidence<?>> evidence,
      CompletableFuture<PatchTokens> tokens) {
    int tiles() {
      return pictures.stream().mapToInt(picture -> picture.tiles().size()).sum();
    }
  }

  @Override
  public Optional<Placement> placement() {
    return encoder.placement();
  }

  @Override
  public Device.Kind computedOn() {
    return encoder.computedOn();
  }

  /** Number of requests that wait while others are encoded. */
  int waiting() {
    synchronized (waiting) {
      return waiting.size() + apart.getQueueLength();
    }
  }

  @Override
  public PatchTokens encode(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    boolean tilesApart = RewrittenEncoder.inside(plan).isEmpty() && encoder.encodesTilesApart();
    if (!tilesApart || pictures.isEmpty() || pictures.stream().anyMatch(TiledImage::isPartial)) {
      return encodeAlone(pictures, evidence, plan);
    }
    Waiting own =
        new Waiting(pictures, new HashSet<Evidence<?>>(evidence), new CompletableFuture<>());
    synchronized (waiting) {
      waiting.add(own);
    }
    while (!own.tokens().isDone() && mayEncode(own)) {
      List<Waiting> batch = nextBatch();
      try {
        encode(batch);
      } finally {
        synchronized (waiting) {
          busy = false;
          waiting.notifyAll();
        }
      }
    }
    try {
      return own.tokens().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private PatchTokens encodeAlone(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    try {
      apart.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    try {
      return encoder.encode(pictures, evidence, plan);
    } finally {
      apart.release();
    }
  }

  /**
   * Waits for its tokens, or until no thread encodes.
   *
   * @return whether this thread encodes the next batch
   */
  private boolean mayEncode(Waiting own) {
    synchronized (waiting) {
      while (busy && !own.tokens().isDone()) {
        try {
          waiting.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          waiting.remove(own);
          own.tokens().completeExceptionally(new IllegalStateException("interrupted", e));
        }
      }
      if (own.tokens().isDone()) {
        return false;
      }
      busy = true;
      return true;
    }
  }

  /** The oldest request, and others with the same evidence. */
  private List<Waiting> nextBatch() {
    synchronized (waiting) {
      List<Waiting> batch = new ArrayList<>();
      int tiles = 0;
      for (Waiting each : List.copyOf(waiting)) {
        boolean first = batch.isEmpty();
        if (first
            || (each.evidence().equals(batch.get(0).evidence())
                && tiles + each.tiles() <= mostTiles)) {
          batch.add(each);
          tiles += each.tiles();
        }
      }
      waiting.removeAll(batch);
      return batch;
    }
  }

  private void encode(List<Waiting> batch) {
    if (batch.isEmpty()) {
      return;
    }
    try {
      List<TiledImage> all = batch.stream().flatMap(each -> each.pictures().stream()).toList();
      PatchTokens tokens = encoder.encode(all, batch.get(0).evidence());
      int tile = 0;
      int frame = 0;
      for (Waiting each : batch) {
        each.tokens().complete(part(tokens, tile, each.tiles(), frame));
        tile += each.tiles();
        frame += each.pictures().size();
      }
    } catch (RuntimeException | Error e) {
      if (batch.size() == 1) {
        batch.get(0).tokens().completeExceptionally(e);
      } else {
        // One request must not fail because of another.
        batch.forEach(each -> encode(List.of(each)));
      }
    }
  }

  private static PatchTokens part(PatchTokens all, int from, int tiles, int frame) {
    List<Tile> own = new ArrayList<>();
    List<PatchTokens.EncodedTile> parts = new ArrayList<>();
    for (int i = 0; i < tiles; i++) {
      Tile tile = all.tiles().get(from + i);
      own.add(new Tile(tile.frame() - frame, tile.rows(), tile.cols(), tile.crop(), tile.shown()));
      parts.add(new PatchTokens.EncodedTile(all, from + i, i));
    }
    return PatchTokens.together(own, parts);
  }

  @Override
  public void check(PruningPlan plan) {
    encoder.check(plan);
  }

  @Override
  public TokenGrid groups(TiledImage picture) {
    return encoder.groups(picture);
  }

  @Override
  public boolean gives(Evidence<?> evidence) {
    return encoder.gives(evidence);
  }

  @Override
  public Optional<Matrix> lineBreak() {
    return encoder.lineBreak();
  }

  @Override
  public Set<Evidence<?>> ofPrompts() {
    return encoder.ofPrompts();
  }

  @Override
  public boolean encodesTilesApart() {
    return encoder.encodesTilesApart();
  }

  @Override
  public void close() {
    encoder.close();
  }
}
