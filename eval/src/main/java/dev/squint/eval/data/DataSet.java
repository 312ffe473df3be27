package dev.squint.eval.data;

import dev.squint.vision.Picture;
import dev.squint.vision.PictureReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Questions of one family and the folder that their pictures lie in, which may be inside a zip.
 *
 * @param name of the family, as tables call it
 * @param folder what the pictures' names start from
 * @param questions in the order of the file
 */
public record DataSet(String name, Path folder, List<Question> questions) {

  /**
   * Checks the questions.
   *
   * @throws IllegalArgumentException if there is none, or two have one id
   */
  public DataSet {
    questions = List.copyOf(questions);
    if (questions.isEmpty()) {
      throw new IllegalArgumentException("data set '%s' has no questions".formatted(name));
    }
    Set<String> ids = new HashSet<>();
    for (Question question : questions) {
      if (!ids.add(question.id())) {
        throw new IllegalArgumentException(
            "data set '%s' has two questions with the id '%s'".formatted(name, question.id()));
      }
    }
  }

  /**
   * Reads one picture of a question.
   *
   * @throws IllegalArgumentException if it is missing or not a picture
   */
  public Picture picture(String picture) {
    Path file = folder.resolve(picture).normalize();
    if (!file.startsWith(folder.normalize())) {
      throw new IllegalArgumentException(
          "picture '%s' of data set '%s' lies outside of the set".formatted(picture, name));
    }
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "data set '%s' has no picture '%s'".formatted(name, picture));
    }
    try {
      return new PictureReader().read(Files.readAllBytes(file), name + "/" + picture);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(file), e);
    }
  }

  /** The same set with these of its questions. */
  public DataSet with(List<Question> fewer) {
    return new DataSet(name, folder, fewer);
  }
}
