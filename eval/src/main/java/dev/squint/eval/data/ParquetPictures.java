package dev.squint.eval.data;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.util.HashMap;
import java.util.Map;

/** Pictures from the cells of a Parquet file. */
public final class ParquetPictures implements PictureStore {

  private final Map<String, byte[]> files = new HashMap<>();

  /** Adds the bytes of a picture file under a name. */
  public void put(String name, byte[] file) {
    files.put(name, file);
  }

  @Override
  public Picture read(String name) {
    byte[] file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException("the Parquet files have no picture '%s'".formatted(name));
    }
    return new PictureReader().read(file, name);
  }
}
