package dev.squint.llm.decoder.evidence;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.RotationMeans;

/** Reads how RoPE rotates the visual tokens, from their positions. */
final class RotationReading extends WithoutTaps<RotationMeans, Matrix> {

  RotationReading() {
    super(RotationMeans.class);
  }

  @Override
  Matrix read(LayerView view) {
    return view.rotationMeans(view.visual());
  }

  /** Of each pair and axis the angle, its cosine and sine, and their sums; then both means. */
  @Override
  double operations(LayerView view, Matrix value) {
    double pairs = view.headDim() / 2.0 * view.end().positions().axes();
    return value.rows() * (5 * pairs + 2);
  }
}
