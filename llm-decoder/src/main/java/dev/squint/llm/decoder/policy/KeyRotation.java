package dev.squint.llm.decoder.policy;

import dev.squint.llm.decoder.evidence.Rotations;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageSignature;
import dev.squint.pruner.Matrix;
import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * How a decoder applies RoPE to its keys (arXiv 2104.09864), so that a key in the cache can be
 * moved to another position, and methods know which positions rotate least. Immutable.
 *
 * <p>Measured on the running decoder, because graphs write RoPE in many ways: a token that is alone
 * attends to itself at any position, so its keys in all layers differ by the rotation only.
 */
public final class KeyRotation implements Rotations {

  /** Each position doubles the precision of the angles. */
  private static final List<Integer> MEASURED = List.of(1, 2, 4, 8, 16, 32, 64, 128);

  private static final List<Integer> CHECKED = List.of(37, 150);
  private static final float TOLERANCE = 4e-3f;

  private final List<Rotation> layers;

  private KeyRotation(List<Rotation> layers) {
    this.layers = layers;
  }

  /**
   * Measures a decoder that takes positions; on all axes, where it has several.
   *
   * @param stages signatures of all stages
   * @param run runs a prompt and returns the keys of each layer, for each key head [N, d]
   * @throws IllegalArgumentException if the keys of a layer do not rotate evenly with their
   *     position
   */
  public static KeyRotation of(
      List<StageSignature> stages, Function<PromptEmbeddings, List<List<Matrix>>> run) {
    int size = stages.get(0).hiddenSize();
    List<List<Matrix>> start = run.apply(tokenAt(0, size));
    List<List<List<Matrix>>> measured =
        MEASURED.stream().map(position -> run.apply(tokenAt(position, size))).toList();
    List<List<List<Matrix>>> checked =
        CHECKED.stream().map(position -> run.apply(tokenAt(position, size))).toList();
    List<Rotation> rotations = new ArrayList<>();
    for (int layer = 0; layer < start.size(); layer++) {
      int of = layer;
      rotations.add(
          new Samples(
                  start.get(of),
                  measured.stream().map(keys -> keys.get(of)).toList(),
                  checked.stream().map(keys -> keys.get(of)).toList())
              .rotation(layer));
    }
    return new KeyRotation(List.copyOf(rotations));
  }

  /** A prompt of one random token at a position, the same token at each. */
  private static PromptEmbeddings tokenAt(int position, int size) {
    Random random = new Random(0);
    FloatBuffer token = DirectBuffers.floats(size);
    for (int i = 0; i < size; i++) {
      token.put(i, (float) random.nextGaussian());
    }
    return new PromptEmbeddings(token, PositionIds.counting(position, 1), position + 1L);
  }

  /**
   * Keys at other positions.
   *
   * @param keys of a layer and one key head, [N, d]
   * @param by how far each row moves, [N]
   */
  Matrix rotated(int layer, Matrix keys, long[] by) {
    return layers.get(layer).apply(keys, by);
  }

  /** Whether the keys of a layer depend on their position at all. */
  public boolean rotates(int layer) {
    return DoubleStream.of(layers.get(layer).angles).anyMatch(angle -> angle != 0);
  }

  @Override
  public Matrix means(int layer, PositionIds positions) {
    double[] angles = layers.get(layer).angles;
    float[] means = new float[2 * positions.tokens()];
    for (int token = 0; token < positions.tokens(); token++) {
      double cosines = 0;
      double sines = 0;
      for (int axis = 0; axis < positions.axes(); axis++) {
        for (double angle : angles) {
          cosines += Math.cos(angle * positions.at(axis, token));
          sines += Math.sin(angle * positions.at(axis, token));
        }
      }
      int all = positions.axes() * angles.length;
      means[2 * token] = (float) (cosines / all);
      means[2 * token + 1] = (float) (sines / all);
    }
    return new Matrix(positions.tokens(), 2, means);
  }

  /**
   * Keys of one token in a layer, for each key head [1, d].
   *
   * @param start at position 0
   * @param measured at the positions of {@link #MEASURED}
   * @param checked at the positions of {@link #CHECKED}
   */
  private record Samples(
      List<Matrix> start, List<List<Matrix>> measured, List<List<Matrix>> checked) {

    Rotation rotation(int layer) {
      Rotation best = measured(0, true);
      float least = error(best);
      for (int pairs : new int[] {(changed() + 1) / 2, start.get(0).cols() / 2}) {
        for (boolean halves : new boolean[] {true, false}) {
          Rotation rotation = measured(pairs, halves);
          float error = error(rotation);
          if (error < least) {
            least = error;
            best = rotation;
          }
        }
      }
      if (least > TOLERANCE) {
        throw new IllegalArgumentException(
            "the keys of layer %d do not rotate evenly with their position (the error is %s of the largest number)"
                .formatted(layer, least));
      }
      return best;
    }

    /** How many numbers at the start of a key change with its position. */
    private int changed() {
      int changed = 0;
      for (List<Matrix> heads : measured) {
        for (int h = 0; h < heads.size(); h++) {
          for (int i = changed; i < heads.get(h).cols(); i++) {
            if (heads.get(h).get(0, i) != start.get(h).get(0, i)) {
              changed = i + 1;
            }
          }
        }
      }
      return changed;
    }

    private Rotation measured(int pairs, boolean halves) {
      Rotation rotation = new Rotation(halves, new double[pairs]);
      for (int pair = 0; pair < pairs; pair++) {
        for (int m = 0; m < measured.size(); m++) {
          int position = MEASURED.get(m);
          double missing =
              angle(rotation, measured.get(m), pair) - position * rotation.angles[pair];
          rotation.angles[pair] += Math.IEEEremainder(missing, 2 * Math.PI) / position;
        }
      }
      return rotation;
    }

    /** By how much a pair has rotated since position 0, all heads together. */
    private double angle(Rotation rotation, List<Matrix> to, int pair) {
      double along = 0;
      double across = 0;
      for (int h = 0; h < start.size(); h++) {
        double a = start.get(h).get(0, rotation.first(pair));
        double b = start.get(h).get(0, rotation.second(pair));
        double c = to.get(h).get(0, rotation.first(pair));
        double d = to.get(h).get(0, rotation.second(pair));
        along += a * c + b * d;
        across += a * d - b * c;
      }
      return Math.atan2(across, along);
    }

    /** How far a rotation misses where it was not measured, as a share of the largest number. */
    private float error(Rotation rotation) {
      float error = 0;
      float largest = Float.MIN_NORMAL;
      for (int c = 0; c < checked.size(); c++) {
        for (int h = 0; h < start.size(); h++) {
          float[] wanted = checked.get(c).get(h).data();
          float[] rotated = rotation.apply(start.get(h), new long[] {CHECKED.get(c)}).data();
          for (int i = 0; i < wanted.length; i++) {
            error = Math.max(error, Math.abs(wanted[i] - rotated[i]));
            largest = Math.max(largest, Math.abs(wanted[i]));
          }
        }
      }
      return error / largest;
    }
  }

  /**
   * The rotation in one layer.
   *
   * @param halves whether number i rotates with number i + P, else 2i with 2i + 1
   * @param angles by which each pair rotates from one position to the next, [P]
   */
  private record Rotation(boolean halves, double[] angles) {

    private int first(int pair) {
      return halves ? pair : 2 * pair;
    }

    private int second(int pair) {
      return halves ? pair + angles.length : 2 * pair + 1;
    }

    Matrix apply(Matrix keys, long[] by) {
      float[] rotated = keys.data().clone();
      double[] cosines = new double[angles.length];
      double[] sines = new double[angles.length];
      long known = 0;
      for (int row = 0; row < by.length; row++) {
        if (by[row] == 0) {
          continue;
        }
        if (by[row] != known) {
          known = by[row];
          for (int pair = 0; pair < angles.length; pair++) {
            cosines[pair] = Math.cos(known * angles[pair]);
            sines[pair] = Math.sin(known * angles[pair]);
          }
        }
        int at = row * keys.cols();
        for (int pair = 0; pair < angles.length; pair++) {
          double a = rotated[at + first(pair)];
          double b = rotated[at + second(pair)];
          rotated[at + first(pair)] = (float) (a * cosines[pair] - b * sines[pair]);
          rotated[at + second(pair)] = (float) (b * cosines[pair] + a * sines[pair]);
        }
      }
      return new Matrix(keys.rows(), keys.cols(), rotated);
    }
  }
}
