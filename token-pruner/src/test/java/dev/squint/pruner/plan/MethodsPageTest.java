package dev.squint.pruner.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the pages of {@code docs/methods} and the list of {@code README.md} with the catalogue.
 */
class MethodsPageTest {

  /**
   * Of a single picture they keep everything, or all of the global view, which is nothing to draw:
   * they compare frames, say where tokens stand, add the crops elsewhere, or put tokens back.
   */
  private static final Set<String> NOT_DRAWN =
      Set.of(
          "evs",
          "static-patches",
          "merge-frames",
          "dycoke",
          "in-place",
          "deepstack",
          "static",
          "ipcv");

  private static final Path INDEX = Path.of("..", "docs", "methods.md");
  private static final Path FOLDER = Path.of("..", "docs", "methods");
  private static final Path OPERATIONS = FOLDER.resolve("operations.md");
  private static final Path README = Path.of("..", "README.md");
  private static final String HEADING = "## `";
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  static List<Method> methods() {
    return MethodCatalogue.all().methods();
  }

  @Test
  void everyMethodHasItsParagraph_andNothingElseHas() throws IOException {
    List<String> headings = new ArrayList<>();
    for (Path page : pages()) {
      headings.addAll(headings(page));
    }

    assertNames(
        headings, methods().stream().map(Method::name).toList(), "headings of pages in " + FOLDER);
  }

  @Test
  void theIndex_linksToEveryPage_andNamesItsMethods() throws IOException {
    String index = Files.readString(INDEX);
    for (Path page : pages()) {
      String link = "](methods/%s):".formatted(page.getFileName());
      assertThat(index).as("%s links to %s", INDEX, page).contains(link);
      String entry = index.substring(index.indexOf(link) + link.length()).split("\n(\\*|\n)", 2)[0];

      assertThat(quotedIn(entry))
          .as("methods of %s in %s", page, INDEX)
          .containsExactlyElementsOf(headings(page));
    }
    assertThat(index).contains("](methods/operations.md)");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void factsUnderTheHeading_areThoseOfTheCatalogue(Method method) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path page : pages()) {
      lines.addAll(Files.readAllLines(page));
    }
    // Methods at different points may share a name.
    List<Integer> headings =
        IntStream.range(0, lines.size())
            .filter(line -> lines.get(line).equals(HEADING + method.name() + "`"))
            .boxed()
            .toList();
    if (headings.isEmpty()) {
      fail(
          "no page of %s has a paragraph about '%s'; write in lines of at most 120 columns%n%n%s%s`%n%n%s%n%nWhat stays, and why.",
          FOLDER, method.name(), HEADING, method.name(), facts(method));
    }

    assertThat(headings.stream().map(heading -> paragraph(lines, heading + 2)))
        .as("facts about " + method.name())
        .contains(facts(method));
    assertThat(headings.stream().map(heading -> textBehindFacts(lines, heading + 2)))
        .as("text about " + method.name())
        .noneMatch(String::isBlank);
  }

  /** The lines up to the next blank one, joined. */
  private static String paragraph(List<String> lines, int first) {
    return String.join(" ", block(lines, first));
  }

  private static String textBehindFacts(List<String> lines, int facts) {
    return paragraph(lines, facts + block(lines, facts).size() + 1);
  }

  private static List<String> block(List<String> lines, int first) {
    return lines.stream().skip(first).takeWhile(line -> !line.isBlank()).toList();
  }

  @Test
  void operationsOfEveryMethod_areInTheTable() throws IOException {
    List<String> lines = Files.readAllLines(OPERATIONS);
    List<String> counted =
        lines.subList(lines.indexOf("| method | operations |"), lines.size()).stream()
            .takeWhile(line -> line.startsWith("|"))
            .flatMap(line -> quotedIn(line.split("\\|", -1)[1]))
            .distinct()
            .toList();

    assertNames(
        counted,
        methods().stream().map(Method::name).distinct().toList(),
        "first column of the table in " + OPERATIONS);
  }

  @Test
  void methodsBeforeTheLanguageModel_haveTheirPicture() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path page : pages()) {
      text.append(Files.readString(page));
    }
    for (Method method : methods()) {
      if (method.points().stream().anyMatch(kind -> kind.compareTo(Point.Kind.ENCODER) <= 0)
          && !method.points().contains(Point.Kind.FRAMES)
          && !NOT_DRAWN.contains(method.name())) {
        boolean ofPatches = method.points().equals(Set.of(Point.Kind.PATCHES));
        String picture = (ofPatches ? "patches-" : "") + method.name() + ".png";

        assertThat(text).contains("](" + picture + ")");
        assertThat(FOLDER.resolve(picture)).isNotEmptyFile();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEntryOfAPointInTheReadme_namesTheMethodsThatActThere(Point.Kind kind) throws IOException {
    String start = "* `%s:`:".formatted(kind);
    String text = Files.readString(README);
    assertThat(text).as("an entry of %s that starts with %s", README, start).contains(start);
    String rest = text.substring(text.indexOf(start) + start.length());
    String entry = rest.split("\n(\\*|\n)", 2)[0];

    assertNames(
        quotedIn(entry).toList(),
        MethodCatalogue.all().at(kind).stream().map(Method::name).toList(),
        "entry '%s' in the list of %s".formatted(kind, README));
  }

  /** Fails with the names that are missing or too many, not with all of them. */
  private static void assertNames(List<String> named, List<String> methods, String where) {
    assertThat(without(methods, named)).as("missing in: %s", where).isEmpty();
    assertThat(without(named, methods)).as("no methods, but named in: %s", where).isEmpty();
  }

  private static List<String> without(List<String> names, List<String> others) {
    List<String> rest = new ArrayList<>(names);
    others.forEach(rest::remove);
    return rest;
  }

  /** The pages that describe methods; the table of operations is none of them. */
  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".md") && !file.equals(OPERATIONS))
          .sorted()
          .toList();
    }
  }

  private static List<String> headings(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> line.startsWith(HEADING))
        .map(line -> line.substring(HEADING.length(), line.length() - 1))
        .toList();
  }

  /** Points, budget, parameters with defaults, evidence, paper and faithfulness. */
  static String facts(Method method) {
    List<String> facts = new ArrayList<>();
    facts.add("At " + quoted(method.pointNames()));
    facts.add("budget: " + method.budgeting());
    facts.add(
        method.parameters().isEmpty()
            ? "no parameters"
            : quoted(
                method.parameters().entrySet().stream()
                    .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                    .toList()));
    facts.add(
        method.needs().isEmpty()
            ? "needs nothing"
            : "needs " + quoted(method.needs().stream().map(Evidence::toString).sorted().toList()));
    if (!method.paper().equals("none")) {
      facts.add(method.paper());
    }
    facts.add(method.faithfulness().toString());
    return String.join(" · ", facts);
  }

  private static String quoted(Collection<String> words) {
    return words.stream().collect(Collectors.joining("`, `", "`", "`"));
  }

  private static Stream<String> quotedIn(String cell) {
    return QUOTED.matcher(cell).results().map((MatchResult quoted) -> quoted.group(1));
  }
}
