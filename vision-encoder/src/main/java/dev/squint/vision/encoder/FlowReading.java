package dev.squint.vision.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.evidence.EncoderFlow;
import dev.squint.pruner.maths.InformationFlow;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.onnx.graph.Tap;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Information flow to each token, from queries, keys and values of all layers so far. */
final class FlowReading extends TileReading<EncoderFlow, Matrix> {

  FlowReading() {
    super(EncoderFlow.class, kind -> -1);
  }

  private static Tap queries(int layer) {
    return new Tap(layer, Tap.Value.QUERIES, Tap.Rows.ALL, false);
  }

  @Override
  List<Tap> taps(int layer) {
    return IntStream.rangeClosed(0, layer)
        .boxed()
        .flatMap(each -> Stream.of(queries(each), Tap.keys(each), Tap.values(each)))
        .toList();
  }

  @Override
  boolean isGivenInside() {
    return true;
  }

  @Override
  int earliest(int layer) {
    return 0;
  }

  @Override
  Matrix read(List<TilePart> parts, int layer) {
    return carried(null, parts, 0, layer + 1);
  }

  @Override
  double operations(TilePart part, int layer) {
    return operations(part, 0, layer + 1);
  }

  /**
   * The flow after some more layers, [N, 2].
   *
   * @param before the flow before them; null if they are the first
   * @param from first layer
   * @param to end of the layers
   */
  static Matrix carried(@Nullable Matrix before, List<TilePart> parts, int from, int to) {
    @Nullable Matrix flow = before;
    for (int layer = from; layer < to; layer++) {
      int own = layer;
      Matrix now = Matrix.stacked(parts.stream().map(part -> ofTile(part, own)).toList());
      for (int i = 0; flow != null && i < now.rows(); i++) {
        now.data()[2 * i] = InformationFlow.carried(flow.get(i, 0), now.get(i, 0));
      }
      flow = now;
    }
    if (flow == null) {
      throw new IllegalArgumentException("no layer has run, so there is no flow");
    }
    return flow;
  }

  private static Matrix ofTile(TilePart part, int layer) {
    Values queries = part.tap(queries(layer));
    Values values = part.tap(Tap.values(layer));
    float[] bias = part.tile().keyBias();
    Values query = part.cls() ? HeadMaths.firstRow(queries) : HeadMaths.meanRow(queries);
    int first = part.cls() ? 1 : 0;
    float[] attention =
        patches(HeadMaths.softmax(HeadMaths.dots(query, part.tap(Tap.keys(layer))), bias), first);
    float[] lengths = lengths(values, first);
    float[] scores =
        part.cls()
            ? InformationFlow.scores(
                attention,
                patches(
                    HeadMaths.softmax(
                        HeadMaths.dots(HeadMaths.firstRow(values), values), new float[0]),
                    first),
                lengths)
            : InformationFlow.scores(attention, lengths);
    float[] flow = new float[2 * part.rows().length];
    for (int token = 0; token < part.rows().length; token++) {
      for (int row : part.rows()[token]) {
        flow[2 * token] += scores[row - first];
        flow[2 * token + 1] += attention[row - first];
      }
    }
    return new Matrix(part.rows().length, 2, flow);
  }

  private static float[] patches(Matrix perHead, int first) {
    return Arrays.copyOfRange(perHead.columnMeans(), first, perHead.cols());
  }

  /** The sum of the absolute values of each patch's mean value over the heads. */
  private static float[] lengths(Values values, int first) {
    int heads = values.size(0);
    int rows = values.size(1);
    int dim = values.size(2);
    float[] lengths = new float[rows - first];
    for (int r = first; r < rows; r++) {
      for (int c = 0; c < dim; c++) {
        float sum = 0;
        for (int h = 0; h < heads; h++) {
          sum += values.values()[(h * rows + r) * dim + c];
        }
        lengths[r - first] += Math.abs(sum / heads);
      }
    }
    return lengths;
  }

  /** {@link Operations} for one tile and some layers. */
  static double operations(TilePart part, int from, int to) {
    Values keys = part.tap(Tap.keys(from));
    double heads = keys.size(0);
    double all = keys.size(1);
    double dim = keys.size(2);
    double softmax = Operations.attention(heads, 1, all, dim) + Operations.columnMeans(heads, all);
    double lengths = (heads + 3) * all * dim;
    double scores = part.cls() ? 2 * softmax + 6 * all : heads * (all + 1) * dim + softmax + all;
    double members = Stream.of(part.rows()).mapToInt(rows -> rows.length).sum();
    double sums = 2 * (members - part.rows().length);
    int carried = from == 0 ? to - 1 : to - from;
    return (to - from) * (scores + lengths + sums) + 3.0 * carried * part.rows().length;
  }
}
