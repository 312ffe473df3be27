package dev.squint.vision.onnx.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.CodedOutputStream;
import dev.squint.vision.io.ContentHash;
import dev.squint.vision.io.FileHashes;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts graphs into stages and adds taps. Results are cached on disk by the content of the graph's
 * file and the plan. Stateless and thread-safe.
 *
 * <p>Weights are never loaded into memory. Weights in separate files stay there, and the stages
 * refer to them. Weights inside the graph's file are copied once on disk into a file that all
 * stages of all plans share.
 *
 * <p>Attention operators that count positions for RoPE themselves ({@code GroupQueryAttention} with
 * {@code do_rotary}) get cosine and sine tables that are indexed by {@code position_ids}. Graphs
 * that count positions and spell RoPE out get cosines and sines by {@code position_ids} ({@link
 * CountedPositions}). The stages then have this input, so that the remaining tokens keep their
 * positions after others are dropped.
 */
public final class GraphRewriter {

  /**
   * The input that selects the rows that taps output: numbers of new tokens, [R]; negative numbers
   * count from the end.
   */
  public static final String TAP_ROWS = "tap_rows";

  /**
   * The input of an encoder's layers whose number of tokens differs from the one that the graph was
   * exported for: the bias that is added to the logits of each key, [B, 1, 1, S] of float.
   */
  public static final String KEY_BIAS = "key_bias";

  /**
   * The input that says which tokens attend to which, [B, 1, S, T] of float for S new tokens and T
   * with the cached ones: above 0 where the query attends to the key, below 0 what is added to the
   * logit to hide it, 0 where the graph's own mask decides.
   */
  public static final String PAIRS = "token_pairs";

  /**
   * The input of an encoder that is given some of a picture's patches: their numbers among all
   * patches, [R], in the order in which the encoder takes them.
   */
  public static final String PATCH_ROWS = "patch_rows";

  /**
   * The input of an encoder's first stage that is cut at {@link CutPlan#EMBEDDINGS}: the rows of
   * hidden states that the layers are given, [B, K], counted through all tiles of the batch.
   */
  public static final String KEPT_ROWS = "kept_rows";

  /** The output beside them: the shape of the hidden states of all patches, [3]. */
  public static final String EMBEDDED_SHAPE = "embedded_shape";

  /**
   * The input of an encoder's stage after its last layer: for each row that the projector takes its
   * row among the given hidden states, [B, S], counted through all tiles of the batch. The number
   * after the last stands for a row of zeros.
   */
  public static final String ROW_PLACES = "row_places";

  /**
   * The input of stages after the first whose layers take something of each token in addition to
   * hidden states: the embeddings of the tokens that are left, [B, S, D].
   */
  public static final String TOKEN_EMBEDDINGS = "token_embeds";

  /**
   * The input of position ids, [1, S]; stages have it if the decoder's operators count positions
   * themselves.
   */
  static final String POSITIONS = "position_ids";

  /**
   * The attention mask input of a decoder, [1, T]: one entry for each cached and each new token.
   */
  static final String MASK = "attention_mask";

  /** Part of the cache key. Change it whenever the same plan gives different files. */
  public static final String VERSION = "14";

  private static final int KEY_CHARACTERS = 32;
  private static final String WEIGHTS_FILE = "weights.bin";

  /** Writes the components of records alone: a method {@code isX()} is no property of the file. */
  static final ObjectMapper JSON =
      JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

  private final GraphCache cache;

  /** Stores results in a cache folder. */
  public GraphRewriter(GraphCache cache) {
    this.cache = cache;
  }

  /**
   * Whether a graph uses dynamic quantization: scales are computed at run time over all values of a
   * tensor ({@code DynamicQuantizeLinear} and ONNX Runtime's fused operators), so that rows change
   * each other's numbers a little.
   *
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   */
  public static boolean quantisesWhileRunning(Path graph) {
    return OnnxModel.read(graph).graph().getNodeList().stream()
        .anyMatch(node -> node.getOpType().startsWith("DynamicQuantize"));
  }

  /**
   * Checks that a decoder's layers can take as input which tokens attend to which ({@link #PAIRS}).
   *
   * @throws IllegalArgumentException if not; the message names the node
   */
  public static void checkPairs(Path decoder) {
    RewrittenGraph.checkPairs(OnnxModel.read(decoder));
  }

  /**
   * Reads the properties of a graph's layers without rewriting it.
   *
   * @throws IllegalArgumentException if the file is not a graph of this kind, or follows no known
   *     pattern; the message names the node
   */
  public static List<LayerInfo> layers(Path file, GraphKind kind) {
    return RewrittenGraph.layers(OnnxModel.read(file), kind);
  }

  /**
   * Checks without rewriting it that a decoder computes rotary embeddings from position ids, or can
   * be made to. In one that counts its tokens, the later ones have wrong positions after a token is
   * dropped.
   *
   * @throws IllegalArgumentException if not, or if the file is not a decoder or follows no known
   *     pattern; the message says why
   */
  public static void checkPositions(Path decoder) {
    RewrittenGraph.checkPositions(OnnxModel.read(decoder));
  }

  /**
   * Checks without rewriting it that the layers of an encoder can run on some of the patches, with
   * a cut at {@link CutPlan#EMBEDDINGS}.
   *
   * @throws IllegalArgumentException if not; the message names the node
   */
  public static void checkEmbeddingCut(Path file) {
    RewrittenGraph.checkEmbeddingCut(OnnxModel.read(file));
  }

  /**
   * Checks without rewriting it that patches can be merged between the layers of an encoder.
   *
   * @throws IllegalArgumentException if not; the message names the node
   */
  public static void checkMerging(Path file) {
    RewrittenGraph.checkMerging(OnnxModel.read(file));
  }

  /**
   * Checks without rewriting it that an encoder that takes patches can be given some of them.
   *
   * @throws IllegalArgumentException if not; the message says why
   */
  public static void checkPatchRows(Path file) {
    RewrittenGraph.checkPatchRows(OnnxModel.read(file));
  }

  /**
   * Cuts a graph into stages. A plan without cuts gives one stage with the taps.
   *
   * @throws IllegalArgumentException if the file is not a graph of this kind, the plan does not fit
   *     it, or it follows no known pattern; the message names the node
   * @throws UncheckedIOException if the cache cannot be written
   */
  public CutGraph cut(Path file, GraphKind kind, CutPlan plan) {
    Path folder = folder(file);
    boolean mayFuse = kind == GraphKind.DECODER && plan.fused() && !plan.needsSingleOperators();
    List<Float> scales = mayFuse ? FusionFinding.of(file, folder).scales() : List.of();
    return rewritten(file, folder, kind, plan.withFusedAttention(!scales.isEmpty()), scales);
  }

  /**
   * Rewrites the attention of a decoder that builds it from single operators as one operator, so
   * that steps write into the cache instead of copying it. The graph is not cut.
   *
   * @return a graph of one stage; empty if {@link #fusionObstacle} says why not
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   * @throws UncheckedIOException if the cache cannot be written
   */
  public Optional<CutGraph> fused(Path decoder) {
    return fusionObstacle(decoder).isPresent()
        ? Optional.empty()
        : Optional.of(cut(decoder, GraphKind.DECODER, CutPlan.after().withFusedAttention(true)));
  }

  /**
   * Why the attention of a decoder stays as it is: it is another one than the operator computes, or
   * one operator already. Empty if it can be rewritten.
   *
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   * @throws UncheckedIOException if the cache cannot be written
   */
  public Optional<String> fusionObstacle(Path decoder) {
    String obstacle = FusionFinding.of(decoder, folder(decoder)).obstacle();
    return obstacle.isEmpty() ? Optional.empty() : Optional.of(obstacle);
  }

  /** The folder of what is made of a graph. */
  private Path folder(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + " does not exist or is not a file; check the path");
    }
    return cache.folder().resolve("graphs").resolve(hash(file));
  }

  private CutGraph rewritten(
      Path file, Path folder, GraphKind kind, CutPlan plan, List<Float> scales) {
    String key = hash(VERSION + " " + kind + " " + plan);
    Listing listing = read(folder, folder.resolve(key + ".json"));
    if (listing == null) {
      OnnxModel itself = OnnxModel.read(file);
      OnnxModel model = scales.isEmpty() ? itself : FusedAttention.of(itself, scales);
      listing = write(model, RewrittenGraph.of(model, kind, plan), folder, key);
      byte[] json = json(listing);
      GraphCache.put(folder, key + ".json", channel -> channel.write(ByteBuffer.wrap(json)));
    }
    Optional<Path> weights =
        listing.external
            ? Optional.ofNullable(file.toAbsolutePath().normalize().getParent())
            : Optional.empty();
    return new CutGraph(
        folder, weights, listing.stages, listing.layers, listing.countsPositions, listing.leftOut);
  }

  /** The cached listing of one plan's files. It is written last, so its files exist. */
  private record Listing(
      boolean external,
      List<StageGraph> stages,
      List<LayerInfo> layers,
      boolean countsPositions,
      List<String> leftOut,
      Map<String, Long> sizes) {}

  private static @Nullable Listing read(Path folder, Path list) {
    if (!Files.isRegularFile(list)) {
      return null;
    }
    try {
      Listing listing = JSON.readValue(list.toFile(), Listing.class);
      for (Map.Entry<String, Long> entry : listing.sizes.entrySet()) {
        Path file = folder.resolve(entry.getKey());
        if (!Files.isRegularFile(file) || Files.size(file) != entry.getValue()) {
          return null;
        }
      }
      return listing;
    } catch (IOException e) {
      return null; // Damaged from outside: write it again.
    }
  }

  private static Listing write(OnnxModel model, RewrittenGraph rewriting, Path folder, String key) {
    boolean external = RewrittenGraph.hasExternalData(model.graph());
    Map<String, Long> sizes = new LinkedHashMap<>();
    List<GraphProto> graphs = rewriting.graphs();
    if (!external) {
      graphs = moveWeights(rewriting.whole().getGraph(), graphs, folder, sizes);
    }
    List<StageGraph> stages = new ArrayList<>();
    for (int i = 0; i < graphs.size(); i++) {
      String name = "%s-%d.onnx".formatted(key, i);
      ModelProto stage = rewriting.whole().toBuilder().setGraph(graphs.get(i)).build();
      GraphCache.put(folder, name, channel -> write(stage, channel));
      sizes.put(name, (long) stage.getSerializedSize());
      stages.add(rewriting.stages().get(i).at(name));
    }
    return new Listing(
        external,
        stages,
        rewriting.layers(),
        rewriting.countsPositions(),
        rewriting.leftOut(),
        sizes);
  }

  static void write(ModelProto model, FileChannel channel) throws IOException {
    OutputStream stream = Channels.newOutputStream(channel);
    CodedOutputStream output = CodedOutputStream.newInstance(stream);
    model.writeTo(output);
    output.flush();
  }

  private static List<GraphProto> moveWeights(
      GraphProto whole, List<GraphProto> graphs, Path folder, Map<String, Long> sizes) {
    Weights weights = Weights.of(whole);
    if (weights.size() == 0) {
      return graphs;
    }
    Path file = folder.resolve(WEIGHTS_FILE);
    if (!Files.isRegularFile(file) || size(file) != weights.size()) {
      GraphCache.put(folder, WEIGHTS_FILE, weights::write);
    }
    sizes.put(WEIGHTS_FILE, weights.size());
    return graphs.stream().map(graph -> weights.movedTo(WEIGHTS_FILE, graph)).toList();
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static byte[] json(Listing listing) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(listing);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot list the stages: " + e.getMessage(), e);
    }
  }

  private static String hash(Path file) {
    try {
      return FileHashes.of(file).substring(0, KEY_CHARACTERS);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static String hash(String text) {
    return ContentHash.of(text).substring(0, KEY_CHARACTERS);
  }
}
