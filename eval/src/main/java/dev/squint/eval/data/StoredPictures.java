package dev.squint.eval.data;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.util.HashMap;
import java.util.Map;

/** Pictures that are cells of a Parquet file. */
public final class StoredPictures implements PictureStore {

  private final Map<String, byte[]> files = new HashMap<>();

  /** Adds the bytes of a picture file under a name. */
  public void put(String name, byte[] file) {
    files.put(name, file);
  }

  @Override
  public Picture read(String name) {
    byte[] file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException("the rows have no picture '%s'".formatted(name));
    }
    return new PictureReader().read(file, name);
  }
}
