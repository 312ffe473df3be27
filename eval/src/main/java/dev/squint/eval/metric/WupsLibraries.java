package dev.squint.eval.metric;

import java.util.List;

/** The libraries of WUPS, which the command line contains only if built with {@code -Pwups}. */
final class WupsLibraries {

  private static final List<String> NEEDED =
      List.of(
          "net/sf/extjwnl/dictionary/Dictionary.class",
          "net/sf/extjwnl/data/wordnet/wn30/data.noun",
          "opennlp/tools/postag/POSTaggerME.class",
          Lemmas.MODEL.substring(1));

  private WupsLibraries() {}

  /**
   * Checks that the libraries are on the class path.
   *
   * @param scorer name of the scorer that needs them
   * @throws IllegalArgumentException if one is missing; the message has the command that adds it
   */
  static void require(String scorer, ClassLoader loader) {
    List<String> missing =
        NEEDED.stream().filter(name -> loader.getResource(name) == null).toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "the scorer '%s' needs WordNet and OpenNLP, and %s is not on the class path; add them with:"
                  .formatted(scorer, missing.get(0))
              + " mvn -B -Pwups -Dmaven.test.skip=true -pl eval -am package");
    }
  }
}
