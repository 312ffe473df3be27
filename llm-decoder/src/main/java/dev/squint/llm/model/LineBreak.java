package dev.squint.llm.model;

import dev.squint.pruner.Matrix;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The vector that ends a row of visual tokens, [1, D], for packages whose graphs do not give it: a
 * file that {@code squint.json} names as {@code image_newline}, with one tensor of that name.
 */
public final class LineBreak {

  private static final String NAME = "image_newline";

  private LineBreak() {}

  /**
   * The vector of a package, if it names a file.
   *
   * @throws IllegalArgumentException if the file is missing or broken; the message names it
   */
  public static Optional<Matrix> of(ModelPackage model) {
    Optional<Path> path = model.squintFile(NAME);
    if (path.isEmpty()) {
      return Optional.empty();
    }
    try {
      Matrix vector = Safetensors.read(path.get()).matrix(NAME);
      if (vector.rows() != 1) {
        throw new IllegalArgumentException(
            "has '%s' of %d rows; one vector is needed".formatted(NAME, vector.rows()));
      }
      return Optional.of(vector);
    } catch (IllegalArgumentException e) {
      throw model.broken(model.relative(path.get()), String.valueOf(e.getMessage()));
    }
  }
}
