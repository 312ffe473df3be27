package dev.squint.eval.data;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Questions and their pictures.
 *
 * @param name name of the set in tables and files
 * @param pictures reads the pictures
 * @param questions in the order of the file
 */
public record DataSet(String name, PictureStore pictures, List<Question> questions) {

  /**
   * Checks the questions.
   *
   * @throws IllegalArgumentException if there are no questions, or two have the same id
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
   * Returns the set with the questions of some kinds.
   *
   * @throws IllegalArgumentException if it has none; the message lists its kinds
   */
  public DataSet ofKinds(Collection<String> kinds) {
    List<Question> chosen = questions.stream().filter(one -> kinds.contains(one.kind())).toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "data set '%s' has no questions of the kinds %s; there are %s"
              .formatted(
                  name,
                  kinds,
                  questions.stream().map(Question::kind).distinct().sorted().toList()));
    }
    return with(chosen);
  }

  /** Returns the set with only these of its questions. */
  public DataSet with(List<Question> fewer) {
    return new DataSet(name, pictures, fewer);
  }
}
