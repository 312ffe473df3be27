package dev.squint.pruner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/methods.md} to the catalogue. */
class MethodsPageTest {

  /**
   * Of a single picture they keep everything, or all of the global view, which is nothing to draw:
   * they compare frames, say where tokens stand, or add the crops elsewhere.
   */
  private static final Set<String> NOT_DRAWN =
      Set.of("evs", "static-patches", "merge-frames", "in-place", "deepstack");

  private static final Path PAGE = Path.of("..", "docs", "methods.md");
  private static final String HEADING = "### `";

  @Test
  void everyMethodHasItsParagraph_andNothingElseHas() throws IOException {
    List<String> headings =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.startsWith(HEADING))
            .map(line -> line.substring(HEADING.length(), line.length() - 1))
            .toList();

    assertThat(headings)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    MethodCatalogue.all().methods().stream().map(Method::name),
                    Stream.of(RouterMethod.values()).map(RouterMethod::methodName),
                    Stream.of(ExitStep.NAME),
                    CachePolicies.all().stream().map(CacheMethod::name))
                .flatMap(names -> names)
                .toList());
  }

  @Test
  void factsUnderTheHeading_areThoseOfTheCatalogue() throws IOException {
    List<String> lines = Files.readAllLines(PAGE);
    for (Method<?> method : MethodCatalogue.all().methods()) {
      int heading = lines.indexOf(HEADING + method.name() + "`");

      assertThat(lines.get(heading + 2)).as(method.name()).isEqualTo(facts(method));
      assertThat(lines.get(heading + 4)).as("text about " + method.name()).isNotBlank();
    }
    for (RouterMethod method : RouterMethod.values()) {
      int heading = lines.indexOf(HEADING + method.methodName() + "`");

      assertThat(lines.get(heading + 2))
          .as(method.methodName())
          .isEqualTo(
              "At `decoder` · budget: %s · no parameters · needs a package trained for it · %s · %s"
                  .formatted(Method.Budgeting.ADAPTIVE, method.paper(), method.faithfulness()));
      assertThat(lines.get(heading + 4)).as("text about " + method.methodName()).isNotBlank();
    }
    assertThat(lines.get(lines.indexOf(HEADING + ExitStep.NAME + "`") + 2))
        .isEqualTo(
            facts(
                List.of(RouterMethod.POINT),
                Method.Budgeting.ADAPTIVE,
                ExitStep.DEFAULTS,
                Set.of(),
                ExitStep.PAPER,
                ExitStep.FAITHFULNESS));
    for (CacheMethod method : CachePolicies.all()) {
      int heading = lines.indexOf(HEADING + method.name() + "`");

      assertThat(lines.get(heading + 2)).as(method.name()).isEqualTo(facts(method));
      assertThat(lines.get(heading + 4)).as("text about " + method.name()).isNotBlank();
    }
  }

  static String facts(CacheMethod method) {
    return facts(
        List.of(Point.CACHE.toString()),
        method.budgeting(),
        method.defaults(),
        method.defaults().needs(),
        method.paper(),
        method.faithfulness());
  }

  @Test
  void methodsBeforeTheLanguageModel_haveTheirPicture() throws IOException {
    String page = Files.readString(PAGE);
    for (Method<?> method : MethodCatalogue.all().methods()) {
      if (method.points().stream().anyMatch(kind -> kind.compareTo(Point.Kind.ENCODER) <= 0)
          && !method.points().contains(Point.Kind.FRAMES)
          && !NOT_DRAWN.contains(method.name())) {
        String picture = "methods/" + method.name() + ".png";

        assertThat(page).contains("](" + picture + ")");
        assertThat(PAGE.resolveSibling(picture)).isNotEmptyFile();
      }
    }
  }

  /** Points, budget, parameters with defaults, evidence, paper and faithfulness in one line. */
  static String facts(Method<?> method) {
    return facts(
        method.points().stream().sorted().map(Point.Kind::toString).toList(),
        method.budgeting(),
        method.defaults(),
        method.defaults().needs(),
        method.paper(),
        method.faithfulness());
  }

  private static String facts(
      List<String> points,
      Method.Budgeting budgeting,
      Object defaults,
      Set<Evidence<?>> needs,
      String paper,
      Method.Faithfulness faithfulness) {
    List<String> facts = new ArrayList<>();
    facts.add("At " + quoted(points));
    facts.add("budget: " + budgeting);
    facts.add(
        Parameters.names(defaults).isEmpty()
            ? "no parameters"
            : quoted(
                Parameters.names(defaults).stream()
                    .map(name -> "%s=%s".formatted(name, value(defaults, name)))
                    .toList()));
    facts.add(
        needs.isEmpty()
            ? "needs nothing"
            : "needs " + quoted(needs.stream().map(Evidence::toString).sorted().toList()));
    if (!paper.equals("none")) {
      facts.add(paper);
    }
    facts.add(faithfulness.toString());
    return String.join(" · ", facts);
  }

  private static String quoted(List<String> words) {
    return words.stream().collect(Collectors.joining("`, `", "`", "`"));
  }

  private static String value(Object method, String name) {
    for (RecordComponent component : method.getClass().getRecordComponents()) {
      if (component.getName().equals(name)) {
        try {
          Object value = component.getAccessor().invoke(method);
          return value instanceof Enum<?> constant
              ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
              : value.toString();
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    throw new IllegalArgumentException(name);
  }
}
