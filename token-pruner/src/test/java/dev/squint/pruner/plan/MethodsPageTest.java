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
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/methods.md} to the catalogue. */
class MethodsPageTest {
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
            Pruners.all().methods().stream().map(Method::name).toList());
  }

  @Test
  void factsUnderTheHeading_areThoseOfTheCatalogue() throws IOException {
    List<String> lines = Files.readAllLines(PAGE);
    for (Method<?> method : Pruners.all().methods()) {
      int heading = lines.indexOf(HEADING + method.name() + "`");

      assertThat(lines.get(heading + 2)).as(method.name()).isEqualTo(facts(method));
      assertThat(lines.get(heading + 4)).as("text about " + method.name()).isNotBlank();
    }
  }

  /** Points, budget, parameters with defaults, evidence, paper and faithfulness in one line. */
  static String facts(Method<?> method) {
    List<String> facts = new ArrayList<>();
    facts.add(
        "At "
            + method.points().stream()
                .sorted()
                .map(Point.Kind::toString)
                .collect(Collectors.joining("`, `", "`", "`")));
    facts.add("budget: " + method.budgeting());
    facts.add(
        Parameters.names(method.defaults()).isEmpty()
            ? "no parameters"
            : Parameters.names(method.defaults()).stream()
                .map(name -> "%s=%s".formatted(name, value(method.defaults(), name)))
                .collect(Collectors.joining("`, `", "`", "`")));
    facts.add(
        method.defaults().needs().isEmpty()
            ? "needs nothing"
            : "needs "
                + method.defaults().needs().stream()
                    .map(Evidence::toString)
                    .sorted()
                    .collect(Collectors.joining("`, `", "`", "`")));
    if (!method.paper().equals("none")) {
      facts.add(method.paper());
    }
    facts.add(method.faithfulness().toString());
    return String.join(" · ", facts);
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
