package dev.squint.eval.data;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Pictures that are files of a folder, which may be inside a zip.
 *
 * @param folder folder that the names are relative to
 */
public record FolderPictures(Path folder) implements PictureStore {

  @Override
  public Picture read(String name) {
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder.normalize())) {
      throw new IllegalArgumentException(
          "picture '%s' is outside the folder of its set".formatted(name));
    }
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("the set has no picture '%s'".formatted(name));
    }
    try {
      return new PictureReader().read(Files.readAllBytes(file), name);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(file), e);
    }
  }
}
