package dev.squint.vision.encoder;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.DeepFeatures;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.onnx.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The kinds of evidence that some exported graphs have as outputs. To add a kind, write a class
 * here and add an instance to {@link #ALL}.
 */
final class OutputReadings {

  private static final List<OutputReading<?, ?>> ALL =
      List.of(new OfClsAttentions(), new OfDeepFeatures());

  private OutputReadings() {}

  /** The reader of a kind of evidence, if a graph with these outputs provides it. */
  static Optional<OutputReading<?, ?>> of(Evidence<?> evidence, Map<String, TensorSpec> outputs) {
    return ALL.stream().filter(reading -> reading.reads(evidence, outputs)).findFirst();
  }

  /** {@code cls_attentions}: [T, layers, H, tokens], or [T, H, tokens] for the last layer. */
  private static final class OfClsAttentions extends OutputReading<ClsAttention, Attention> {
    private static final String OUTPUT = "cls_attentions";

    OfClsAttentions() {
      super(ClsAttention.class);
    }

    @Override
    boolean given(ClsAttention wanted, Map<String, TensorSpec> outputs) {
      return layer(wanted, outputs) >= 0;
    }

    @Override
    String nameOf(ClsAttention wanted) {
      return OUTPUT;
    }

    /** Index of the layer in the output, or -1 if the output does not contain it. */
    private static int layer(ClsAttention wanted, Map<String, TensorSpec> outputs) {
      TensorSpec output = outputs.get(OUTPUT);
      if (output == null) {
        return -1;
      }
      if (output.rank() == 3) {
        return wanted.layer() == -1 ? 0 : -1;
      }
      OptionalLong layers = output.rank() == 4 ? output.fixed(1) : OptionalLong.empty();
      int count = (int) layers.orElse(0);
      int layer = wanted.layer() < 0 ? count + wanted.layer() : wanted.layer();
      return layer < count ? layer : -1;
    }

    @Override
    Attention read(
        ClsAttention wanted,
        Map<String, TensorSpec> outputs,
        List<EncodedRun> runs,
        int sizeOfNone) {
      int layer = layer(wanted, outputs);
      int tokens = runs.stream().mapToInt(run -> run.features().rows()).sum();
      int heads = runs.isEmpty() ? 0 : heads(runs.get(0));
      float[] perHead = new float[Math.multiplyExact(heads, tokens)];
      int column = 0;
      for (EncodedRun run : runs) {
        float[] from = checked(run).values();
        int width = run.tokensPerTile();
        int perTile = from.length / run.tiles();
        for (int tile = 0; tile < run.tiles(); tile++, column += width) {
          for (int head = 0; head < heads; head++) {
            int at = tile * perTile + (layer * heads + head) * width;
            System.arraycopy(from, at, perHead, head * tokens + column, width);
          }
        }
      }
      return Attention.of(new Matrix(heads, tokens, perHead));
    }

    private static int heads(EncodedRun run) {
      long[] shape = run.output(OUTPUT).shape();
      return (int) shape[shape.length - 2];
    }

    private static Values checked(EncodedRun run) {
      Values attentions = run.output(OUTPUT);
      long[] shape = attentions.shape();
      if (shape[0] != run.tiles() || shape[shape.length - 1] != run.tokensPerTile()) {
        throw new IllegalStateException(
            "%s gave %s %s for %d tiles of %d tokens"
                .formatted(
                    run.graph(), OUTPUT, Arrays.toString(shape), run.tiles(), run.tokensPerTile()));
      }
      return attentions;
    }
  }

  /** {@code deepstack_features_0} and so on, in the shape of the features. */
  private static final class OfDeepFeatures extends OutputReading<DeepFeatures, Matrix> {
    OfDeepFeatures() {
      super(DeepFeatures.class);
    }

    @Override
    boolean given(DeepFeatures wanted, Map<String, TensorSpec> outputs) {
      return outputs.containsKey(nameOf(wanted));
    }

    @Override
    String nameOf(DeepFeatures wanted) {
      return "deepstack_features_" + wanted.level();
    }

    @Override
    Matrix read(
        DeepFeatures wanted,
        Map<String, TensorSpec> outputs,
        List<EncodedRun> runs,
        int sizeOfNone) {
      return EncodedRun.together(
          runs.stream().map(run -> ofRun(run, nameOf(wanted))).toList(), sizeOfNone);
    }

    private static Matrix ofRun(EncodedRun run, String output) {
      Matrix features = run.features();
      float[] values = run.output(output).values();
      EncodedRun.requireFinite(run.graph(), values, features.cols());
      return new Matrix(features.rows(), features.cols(), values);
    }
  }
}
