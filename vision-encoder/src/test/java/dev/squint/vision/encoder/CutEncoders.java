package dev.squint.vision.encoder;

import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.KeptGroups;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Encoders for methods that act inside them, and pictures for these. */
final class CutEncoders {

  static final String LLAVA = "llava/onnx/vision_encoder.onnx";
  static final String SMOLVLM = "smolvlm2/onnx/vision_encoder.onnx";

  /** Of one layout of patches, 12 x 12 for 96 pixels. */
  static final Path TINY = Path.of("../samples/tiny-vlm/package/onnx/vision_encoder.onnx");

  /** PyTorch sums in another order. */
  static final Tolerance PYTORCH = Tolerance.relative(1e-3);

  /** Graphs that are cut are computed in other blocks. */
  static final Tolerance FEATURES = Tolerance.relative(1e-5);

  private static final Path PACKAGES = Path.of("../llm-decoder/src/test/resources/packages");

  private CutEncoders() {}

  static OnnxVisionEncoder open(String graph, Path cache) {
    return open(PACKAGES.resolve(graph), cache);
  }

  static OnnxVisionEncoder open(Path graph, Path cache) {
    return OnnxVisionEncoder.open(
        graph, SessionSettings.DEFAULT, new GraphRewriter(new GraphCache(cache)));
  }

  static PatchTokens encode(OnnxVisionEncoder encoder, TiledImage picture, String plan) {
    return encoder.encode(List.of(picture), Set.of(), PruningPlan.parse(plan));
  }

  /** The same pixels on any machine, as the scripts of the golden files make them. */
  static TiledImage tiles(int edge, int tiles) {
    int length = 3 * edge * edge * tiles;
    FloatBuffer pixels = DirectBuffers.floats(length);
    for (int i = 0; i < length; i++) {
      pixels.put((float) (i * 7919L % 1009 / 504.5 - 1));
    }
    TilePlacement placement = new TilePlacement(null, new Region(0, 0, edge, edge));
    return new TiledImage(
        edge, edge, edge, edge, Collections.nCopies(tiles, placement), null, pixels.flip());
  }

  /** Every third of the 144 groups of a tile of {@link #TINY}. */
  static List<Integer> everyThird() {
    return IntStream.range(0, 48).mapToObj(i -> 3 * i).toList();
  }

  /** A tile of {@link #TINY} of which {@link #everyThird} group is encoded. */
  static TiledImage someGroups() {
    return tiles(96, 1).keeping(List.of(new KeptGroups(new TokenGrid(12, 12), everyThird())));
  }
}
