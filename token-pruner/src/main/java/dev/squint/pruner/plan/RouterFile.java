package dev.squint.pruner.plan;

/**
 * Where a router's weights are.
 *
 * @param file file of {@code squint calibrate --routers}; {@value #NO_FILE} for the package's own
 */
public record RouterFile(String file) {
  /** Stands for no file. */
  public static final String NO_FILE = "none";

  /** The weights of the package, which were trained with its model. */
  public static final RouterFile OF_PACKAGE = new RouterFile(NO_FILE);

  /** Whether the weights are those of a file. */
  public boolean isGiven() {
    return !file.equals(NO_FILE);
  }
}
