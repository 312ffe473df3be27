package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtherScoringsTest {

  private static DataSetReport set(String name, Figures figures) {
    return new DataSetReport(name, 2, 2, List.of(figures));
  }

  @Test
  void figuresOfEachSet_standByName() {
    Figures scored = SampleFigures.of("none", 0);
    scored.further().putAll(Map.of("consistency", 0.25));
    scored.harnesses().putAll(Map.of("by-word", 0.385575));
    Summary summary =
        new Summary(
            "a-model", List.of(set("plain", SampleFigures.of("none", 1)), set("nlvr", scored)));

    assertThat(new OtherScorings(summary).text().lines().toList())
        .contains("## Other scorings")
        .last()
        .asString()
        .isEqualTo("| `none` | consistency 0.2500; by-word 0.3856 |");
  }

  @Test
  void withoutSuchFigures_thereIsNoTable() {
    Summary summary = new Summary("a-model", List.of(set("plain", SampleFigures.of("none", 1))));

    assertThat(new OtherScorings(summary).text()).isEmpty();
  }
}
