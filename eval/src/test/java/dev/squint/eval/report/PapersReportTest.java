package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.run.Machine;
import dev.squint.eval.run.RunFile;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PapersReportTest {

  private static String row(String method, Figures... measured) {
    Summary summary =
        new Summary("a-model", List.of(new DataSetReport("set", 2, 2, List.of(measured))));
    RunFile run =
        new RunFile(
            new RunFile.Identity("a-model", "", "00", Map.of()),
            List.of(),
            List.of("squint", "eval"),
            Map.of(),
            Machine.here(),
            1,
            null);
    return new PapersReport(run, summary)
        .text()
        .lines()
        .filter(line -> line.startsWith("| " + method))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void methodAboveRandom_isComparedWithItsPaper() {
    assertThat(
            row(
                    "AIM",
                    SampleFigures.of("encoder:aim-merge(keep=0.25)", 0.9),
                    SampleFigures.of("encoder:random(keep=0.25)", 0.8))
                .split("\\s*\\|\\s*"))
        .containsExactly(
            "", "AIM", "`encoder:aim-merge(keep=0.25)`", "", "90.0", "90.0", "80.0", "25.0");
  }

  @Test
  void methodNotAboveRandom_isMarked() {
    assertThat(
            row(
                "AIM",
                SampleFigures.of("encoder:aim-merge(keep=0.25)", 0.7),
                SampleFigures.of("encoder:random(keep=0.25)", 0.8)))
        .contains("AIM (not above random)");
  }

  @Test
  void methodThatWasNotMeasured_isMarked() {
    assertThat(row("FastV")).contains("not measured");
  }
}
