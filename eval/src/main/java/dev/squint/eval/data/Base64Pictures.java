package dev.squint.eval.data;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * Pictures from a column of a VLMEvalKit table. A cell holds base64, or the index of the row that
 * has the picture.
 */
public final class Base64Pictures implements PictureStore {

  /** VLMEvalKit reads a shorter cell as the index of another row. */
  private static final int LONGEST_REFERENCE = 64;

  private final Map<String, String> cells = new HashMap<>();

  /** Adds the cell of a row. */
  public void put(String name, String cell) {
    cells.put(name, cell);
  }

  @Override
  public Picture read(String name) {
    String cell = cells.get(name);
    if (cell != null && cell.length() <= LONGEST_REFERENCE) {
      cell = cells.get(cell);
    }
    if (cell == null) {
      throw new IllegalArgumentException("the table has no picture for row '%s'".formatted(name));
    }
    byte[] encoded;
    try {
      encoded = Base64.getMimeDecoder().decode(cell);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the picture of row '%s' is not base64".formatted(name), e);
    }
    return new PictureReader().read(encoded, "row " + name);
  }
}
