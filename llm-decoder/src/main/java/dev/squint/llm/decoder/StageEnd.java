package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.Matrix;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.graph.LayerInfo;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known after the layers of a stage have run on a prompt. Valid until the next stage runs.
 */
public final class StageEnd {

  private final DecoderStage stage;
  private final OrtSession.Result result;
  private final OnnxTensor hidden;
  private final PositionIds positions;
  private final long nextPosition;

  StageEnd(
      DecoderStage stage,
      OrtSession.Result result,
      OnnxTensor hidden,
      PositionIds positions,
      long nextPosition) {
    this.stage = stage;
    this.result = result;
    this.hidden = hidden;
    this.positions = positions;
    this.nextPosition = nextPosition;
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

  /** Hidden states after the stage, [S, D]. */
  public Matrix hidden() {
    return Tensors.matrix(hidden, tokens());
  }

  /**
   * Attention that the last tokens pay in a layer, one matrix [H, S] for each, in their order: the
   * softmax over all keys that a token sees.
   *
   * @throws IllegalArgumentException if the layer was not tapped in this stage
   */
  public List<Matrix> attention(int layer) {
    OnnxTensor keys = tensor("present.%d.key".formatted(layer));
    return attention(layer, Tap.queries(layer), keys);
  }

  /**
   * Attention that the last tokens would pay in the layer that the next stage begins with, were
   * nothing dropped; one matrix [H, S] for each.
   *
   * @throws IllegalArgumentException if the layer was not tapped ahead in this stage
   */
  public List<Matrix> attentionAhead(int layer) {
    OnnxTensor keys = tensor(Tap.keys(layer).givenAhead().output());
    return attention(layer, Tap.queries(layer).givenAhead(), keys);
  }

  private List<Matrix> attention(int layer, Tap queries, @Nullable OnnxTensor keys) {
    OnnxTensor rows = tensor(queries.output());
    if (rows == null || keys == null) {
      throw new IllegalArgumentException(
          "the stage does not show %s; it shows %s"
              .formatted(queries.output(), stage.taps().stream().map(Tap::output).toList()));
    }
    LayerInfo info = stage.layer(layer);
    return TapAttention.of(Tensors.heads(rows), Tensors.heads(keys), info.window(), info.softcap());
  }

  private @Nullable OnnxTensor tensor(String output) {
    return (OnnxTensor) result.get(output).orElse(null);
  }

  /** The hidden states of some tokens as a tensor that the caller closes; null for all tokens. */
  @Nullable OnnxTensor rows(int[] rows) {
    if (rows.length == tokens()) {
      return null;
    }
    ByteBuffer all = hidden.getByteBuffer();
    int size = all.remaining() / tokens();
    ByteBuffer some = ByteBuffer.allocateDirect(rows.length * size).order(ByteOrder.nativeOrder());
    for (int row : rows) {
      some.put(all.slice(row * size, size));
    }
    long[] shape = {1, rows.length, hidden.getInfo().getShape()[2]};
    try {
      return OnnxTensor.createTensor(
          OnnxRuntime.environment(), some.flip(), shape, hidden.getInfo().type);
    } catch (OrtException e) {
      throw new IllegalStateException("cannot make a tensor: " + e.getMessage(), e);
    }
  }
}
