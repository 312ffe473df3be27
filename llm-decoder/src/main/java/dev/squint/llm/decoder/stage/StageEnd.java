package dev.squint.llm.decoder.stage;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.pruner.Matrix;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is known after the layers of a stage have run on a prompt. Valid until the next stage runs.
 */
public final class StageEnd {

  private final DecoderStage stage;
  private final OrtSession.@Nullable Result result;
  private final @Nullable Matrix routed;
  private final int[] queries;
  private final PositionIds positions;
  private final long nextPosition;

  /**
   * The end of a stage.
   *
   * @param result of the run; stays the stage's
   * @param queries rows of the tokens whose queries the taps show, ascending
   * @param positions of the tokens, [A, S]
   * @param nextPosition position of the first token that is generated
   */
  public StageEnd(
      DecoderStage stage,
      OrtSession.Result result,
      int[] queries,
      PositionIds positions,
      long nextPosition) {
    this(stage, result, null, queries, positions, nextPosition);
  }

  private StageEnd(
      DecoderStage stage,
      OrtSession.@Nullable Result result,
      @Nullable Matrix routed,
      int[] queries,
      PositionIds positions,
      long nextPosition) {
    this.stage = stage;
    this.result = result;
    this.routed = routed;
    this.queries = queries;
    this.positions = positions;
    this.nextPosition = nextPosition;
  }

  /**
   * The end of a stage that some tokens skipped, so that it has no taps.
   *
   * @param hidden of all tokens, [S, D]
   * @param positions of the tokens, [A, S]
   * @param nextPosition position of the first token that is generated
   */
  public static StageEnd routed(
      DecoderStage stage, Matrix hidden, PositionIds positions, long nextPosition) {
    return new StageEnd(stage, null, hidden, new int[0], positions, nextPosition);
  }

  /** Number of the decoder's layers that have run. */
  public int layers() {
    return stage.endLayer();
  }

  /** Number of tokens that the stage ran on, S. */
  public int tokens() {
    return positions.tokens();
  }

  /** Their position ids, [A, S]. */
  public PositionIds positions() {
    return positions;
  }

  /** Position of the first token that is generated. */
  public long nextPosition() {
    return nextPosition;
  }

  /** Hidden states, or logits of the last stage, as the graph returned them. */
  public OnnxTensor output() {
    if (result == null) {
      throw new IllegalStateException("tokens skipped the stage, so it has no output for all");
    }
    return stage.output(result);
  }

  /** Hidden states after the stage, [S, D]. */
  public Matrix hidden() {
    return routed == null ? Tensors.matrix(output(), tokens()) : routed;
  }

  /** Rows of the tokens whose queries are shown, ascending, [R]. */
  public int[] queries() {
    return queries.clone();
  }

  /**
   * Attention of the tokens of {@link #queries} in a layer, one matrix [H, S] for each: the softmax
   * over all keys that a token sees.
   *
   * @throws IllegalArgumentException if the layer was not tapped in this stage
   */
  public List<Matrix> attention(int layer) {
    return attention(layer, queries);
  }

  /** The same for some of these tokens, by their rows. */
  public List<Matrix> attention(int layer, int[] rows) {
    return TapAttention.of(queriesOf(layer, rows), rows, keysOf(layer), visibility(layer, rows));
  }

  /**
   * Attention of these tokens in the first layer of the next stage if nothing is dropped; one
   * matrix [H, S] for each.
   *
   * @throws IllegalArgumentException if the layer was not tapped ahead in this stage
   */
  public List<Matrix> attentionAhead(int layer) {
    return attentionAhead(layer, queries);
  }

  /** The same for some of these tokens, by their rows. */
  public List<Matrix> attentionAhead(int layer, int[] rows) {
    return TapAttention.of(
        shown(Tap.queries(layer).givenAhead(), rows),
        rows,
        Tensors.heads(required(Tap.keys(layer).givenAhead().output())),
        visibility(layer, rows, Tap.mask(layer).givenAhead()));
  }

  /**
   * Logits of some of these tokens in a layer before the softmax, H times [R, S]; negative infinity
   * where a query does not see a key.
   */
  public List<Matrix> logits(int layer, int[] rows) {
    return TapAttention.logits(
        queriesOf(layer, rows), rows, keysOf(layer), visibility(layer, rows));
  }

  /** Attention that each token receives from all, summed, [key heads, S]. */
  public Matrix attentionReceived(int layer) {
    int[] all = IntStream.range(0, tokens()).toArray();
    return TapAttention.received(queriesOf(layer, all), all, keysOf(layer), visibility(layer, all));
  }

  private AttentionVisibility visibility(int layer, int[] rows) {
    return visibility(layer, rows, Tap.mask(layer));
  }

  private AttentionVisibility visibility(int layer, int[] rows, Tap mask) {
    List<Matrix> masks = stage.taps().contains(mask) ? shown(mask, rows) : List.of();
    return new AttentionVisibility(stage.layer(layer), masks);
  }

  /** Rotated and scaled queries of some of these tokens in a layer, H times [R, d]. */
  public List<Matrix> queriesOf(int layer, int[] rows) {
    return shown(Tap.queries(layer), rows);
  }

  private List<Matrix> shown(Tap tap, int[] rows) {
    List<Matrix> shown = Tensors.heads(required(tap.output()));
    if (Arrays.equals(rows, queries)) {
      return shown;
    }
    int[] places = IntStream.of(rows).map(row -> Arrays.binarySearch(queries, row)).toArray();
    return shown.stream().map(head -> head.rows(places)).toList();
  }

  /** Keys in a layer, key heads times [S, d]. */
  public List<Matrix> keysOf(int layer) {
    return Tensors.heads(required("present.%d.key".formatted(layer)));
  }

  /** Values in a layer, key heads times [S, d]. */
  public List<Matrix> valuesOf(int layer) {
    return Tensors.heads(required("present.%d.value".formatted(layer)));
  }

  /** Scaled queries of some of these tokens in a layer without RoPE, H times [R, d]. */
  public List<Matrix> unrotatedQueriesOf(int layer, int[] rows) {
    return shown(Tap.unrotatedQueries(layer), rows);
  }

  /** Keys in a layer without RoPE, key heads times [S, d]. */
  public List<Matrix> unrotatedKeysOf(int layer) {
    return Tensors.heads(required(Tap.unrotatedKeys(layer).output()));
  }

  /** Query heads of a layer whose queries are shown. */
  public int queryHeads(int layer) {
    return (int) required(Tap.queries(layer).output()).getInfo().getShape()[1];
  }

  /** Key heads and width of a head in a layer, [2]. */
  public int[] keyShape(int layer) {
    long[] shape = required("present.%d.key".formatted(layer)).getInfo().getShape();
    return new int[] {(int) shape[1], (int) shape[3]};
  }

  private OnnxTensor required(String output) {
    OnnxTensor shown = tensor(output);
    if (shown == null) {
      throw new IllegalArgumentException(
          "the stage does not show %s; it shows %s"
              .formatted(output, stage.taps().stream().map(Tap::output).toList()));
    }
    return shown;
  }

  private @Nullable OnnxTensor tensor(String output) {
    return result == null ? null : (OnnxTensor) result.get(output).orElse(null);
  }

  /**
   * Hidden states for the next stage, as a tensor that the caller closes; null for all unchanged.
   */
  public @Nullable OnnxTensor next(StageInput input) {
    int[] rows = input.rows();
    if (rows.length == tokens() && input.changed() == null) {
      return null;
    }
    OnnxTensor hidden = output();
    ByteBuffer all = hidden.getByteBuffer();
    int size = all.remaining() / tokens();
    ByteBuffer some = DirectBuffers.bytes((long) rows.length * size);
    for (int row : rows) {
      some.put(all.slice(row * size, size));
    }
    StageInput.Changed changed = input.changed();
    if (changed != null) {
      Tensors.put(changed.indices(), changed.hidden(), some, size, hidden.getInfo().type);
    }
    long[] shape = {1, rows.length, hidden.getInfo().getShape()[2]};
    try {
      return OnnxTensor.createTensor(
          OnnxRuntime.environment(), some.rewind(), shape, hidden.getInfo().type);
    } catch (OrtException e) {
      throw new IllegalStateException("cannot make a tensor: " + e.getMessage(), e);
    }
  }
}
