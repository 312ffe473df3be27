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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds {@code docs/methods.md} and the list of {@code README.md} to the catalogue. */
class MethodsPageTest {

  /**
   * Of a single picture they keep everything, or all of the global view, which is nothing to draw:
   * they compare frames, say where tokens stand, or add the crops elsewhere.
   */
  private static final Set<String> NOT_DRAWN =
      Set.of("evs", "static-patches", "merge-frames", "in-place", "deepstack");

  private static final Path PAGE = Path.of("..", "docs", "methods.md");
  private static final Path README = Path.of("..", "README.md");
  private static final String HEADING = "### `";
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  static List<Method> methods() {
    return MethodCatalogue.all().methods();
  }

  @Test
  void everyMethodHasItsParagraph_andNothingElseHas() throws IOException {
    List<String> headings =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.startsWith(HEADING))
            .map(line -> line.substring(HEADING.length(), line.length() - 1))
            .toList();

    assertThat(headings)
        .as("headings of " + PAGE)
        .containsExactlyInAnyOrderElementsOf(methods().stream().map(Method::name).toList());
  }

  @ParameterizedTest
  @MethodSource("methods")
  void factsUnderTheHeading_areThoseOfTheCatalogue(Method method) throws IOException {
    List<String> lines = Files.readAllLines(PAGE);
    int heading = lines.indexOf(HEADING + method.name() + "`");
    if (heading < 0) {
      fail(
          "%s has no paragraph about '%s'; write%n%n%s%s`%n%n%s%n%nWhat stays, and why.",
          PAGE, method.name(), HEADING, method.name(), facts(method));
    }

    assertThat(lines.get(heading + 2)).as("facts about " + method.name()).isEqualTo(facts(method));
    assertThat(lines.get(heading + 4)).as("text about " + method.name()).isNotBlank();
  }

  @Test
  void operationsOfEveryMethod_areInTheTable() throws IOException {
    List<String> lines = Files.readAllLines(PAGE);
    Set<String> counted =
        lines.subList(lines.indexOf("| method | operations |"), lines.size()).stream()
            .takeWhile(line -> line.startsWith("|"))
            .flatMap(line -> quotedIn(line.split("\\|", -1)[1]))
            .collect(Collectors.toSet());

    assertThat(counted)
        .as("first column of the table of operations in " + PAGE)
        .containsExactlyInAnyOrderElementsOf(methods().stream().map(Method::name).toList());
  }

  @Test
  void methodsBeforeTheLanguageModel_haveTheirPicture() throws IOException {
    String page = Files.readString(PAGE);
    for (Method method : methods()) {
      if (method.points().stream().anyMatch(kind -> kind.compareTo(Point.Kind.ENCODER) <= 0)
          && !method.points().contains(Point.Kind.FRAMES)
          && !NOT_DRAWN.contains(method.name())) {
        String picture = "methods/" + method.name() + ".png";

        assertThat(page).contains("](" + picture + ")");
        assertThat(PAGE.resolveSibling(picture)).isNotEmptyFile();
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

    assertThat(quotedIn(entry))
        .as("methods at '%s' in the list of %s", kind, README)
        .containsExactlyInAnyOrderElementsOf(
            MethodCatalogue.all().at(kind).stream().map(Method::name).toList());
  }

  /** Points, budget, parameters with defaults, evidence, paper and faithfulness in one line. */
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
