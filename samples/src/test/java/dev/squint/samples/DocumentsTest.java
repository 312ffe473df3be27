package dev.squint.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the hand-written documents and sources: line length, links, plain words, names, pages. */
class DocumentsTest {

  // The tests of this module run in the root of the repository.
  private static final Path ROOT = Path.of("");
  private static final int COLUMNS = 120;
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

  /** Words that readers stumble over; the field has plain ones. */
  private static final Pattern ODD =
      odd(
          "anew|tells|passe[sd]? by|under way|in even distances|what (becomes|became) of|takes down"
              + "|likest|looked into|held against|come by|thrown away|scales of the moment"
              + "|pass(es)? layers|nobody(?!\\()|goes on|looks? whether|at hand|to speak of|left alone"
              + "|what it took|no part of");

  /** Further such words, in documents only. */
  private static final Pattern ODD_IN_DOCUMENTS =
      odd("looks? at|looked at|told|telling words|on its way|in the middle of|so many a");

  private static Pattern odd(String words) {
    return Pattern.compile("(?<![-\\w])(" + words + ")(?![-\\w])", Pattern.CASE_INSENSITIVE);
  }

  @Test
  void documents_haveLinesOfAtMost120Columns() {
    List<String> wide = new ArrayList<>();
    for (Path document : documents()) {
      for (String line : text(document).lines().toList()) {
        // The model card is part of the package, whose hash stands in results.
        boolean card = document.endsWith("tiny-vlm/package/README.md") && line.startsWith("|");
        if (!card && line.length() > COLUMNS) {
          wide.add(document + ": " + line);
        }
      }
    }
    assertThat(wide).isEmpty();
  }

  @Test
  void documents_linkToFilesThatExist() {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(text(document));
      while (link.find()) {
        Path target = document.resolveSibling(link.group(1)).normalize();
        if (!Files.exists(target)) {
          broken.add(document + " links to " + link.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void documents_usePlainWords() {
    assertThat(
            lines(
                documents(),
                line -> ODD.matcher(line).find() || ODD_IN_DOCUMENTS.matcher(line).find()))
        .isEmpty();
  }

  @Test
  void sources_usePlainWords() {
    List<Path> checked = new ArrayList<>(sources());
    for (String ending : List.of("Test.java", ".py", ".sh", "pom.xml")) {
      checked.addAll(files(ending));
    }
    // This list itself is the only text that may have these words.
    checked.removeIf(file -> file.endsWith("DocumentsTest.java"));

    assertThat(checked).hasSizeGreaterThan(1000);
    assertThat(lines(checked, line -> ODD.matcher(line).find())).isEmpty();
  }

  @Test
  void classes_haveNamesOfTheirOwn() {
    Map<String, List<Path>> byName =
        sources().stream()
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !file.endsWith("package-info.java"))
            .collect(Collectors.groupingBy(file -> file.getFileName().toString()));
    byName.values().removeIf(files -> files.size() == 1);
    assertThat(byName).isEmpty();
  }

  @Test
  void packagePages_sayWhereToStart_andTheTraps() {
    List<Path> pages =
        sources().stream()
            .filter(file -> file.endsWith("package-info.java"))
            .filter(
                file ->
                    !text(file).matches("(?s).*\\b(Start|Begin)\\s(\\* )*with\\b.*")
                        || !text(file).matches("(?s).*\\bTraps?:.*"))
            .toList();
    assertThat(pages).isEmpty();
  }

  @Test
  void theFacade_isShort() {
    Path facade = Path.of("llm-decoder/src/main/java/dev/squint/llm/VisionLanguageModel.java");
    assertThat(text(facade).lines().count()).isLessThanOrEqualTo(250);
  }

  @Test
  void theReadme_isShort() {
    assertThat(text(Path.of("README.md")).lines().count()).isLessThanOrEqualTo(150);
  }

  /**
   * Returns the hand-written documents; files of commands are under {@code results} and {@code
   * bench}.
   */
  private static List<Path> documents() {
    return files(".md").stream()
        .filter(
            file ->
                !file.toString().matches(".*(/results/|docs/bench/|src/test/).*|docs/papers.md"))
        .toList();
  }

  private static List<Path> sources() {
    return Stream.of(".java", ".js", ".html")
        .flatMap(ending -> files(ending).stream())
        .filter(file -> file.toString().contains("src/main/"))
        .toList();
  }

  private static List<Path> files(String ending) {
    List<Path> found = new ArrayList<>();
    for (String top :
        List.of(
            "README.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "pom.xml",
            "docs",
            "samples",
            "eval",
            "webapp",
            "llm-decoder",
            "vision-encoder",
            "token-pruner")) {
      try (Stream<Path> tree = Files.walk(ROOT.resolve(top))) {
        tree.filter(file -> file.toString().endsWith(ending))
            .filter(file -> !file.toString().matches(".*(/target/|/node_modules/|/runs/).*"))
            .forEach(found::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  private static List<String> lines(List<Path> files, Predicate<String> offending) {
    List<String> found = new ArrayList<>();
    for (Path file : files) {
      List<String> lines = text(file).lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        if (offending.test(lines.get(i))) {
          found.add("%s:%d: %s".formatted(file, i + 1, lines.get(i).strip()));
        }
      }
    }
    return found;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
