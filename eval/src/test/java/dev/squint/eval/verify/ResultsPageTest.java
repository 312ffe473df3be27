package dev.squint.eval.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.eval.metric.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsPageTest {

  @TempDir Path folder;

  @Test
  void rowsAreSetsOrPlans_andBelongToTheRunLinkedBefore() throws IOException {
    Path page =
        write(
            """
            # Page

            [All](runs/all/summary.md) and [another page](other.md).

            | set | questions | `none` |
            |---|---:|---:|
            | shapes | 2000 | 93.0 [91.8, 94.2] |

            [Half](runs/half/summary.md).

            | `encoder:*(keep=0.5)` | shapes | text |
            |---|---:|---:|
            | `none` | 93.5 [89.7, 97.0] | 100 [100, 100] |
            | `random` | | 85.25 [79.00, 90.50] |
            """);

    Map<Path, List<PublishedFigure>> read = ResultsPage.read(page);

    assertThat(read)
        .containsOnlyKeys(folder.resolve("runs/all"), folder.resolve("runs/half"))
        .containsEntry(
            folder.resolve("runs/all"),
            List.of(figure(page, 7, "shapes", "none", 0.93, 0.918, 0.942, 0.0005)));
    assertThat(read.get(folder.resolve("runs/half")))
        .containsExactly(
            figure(page, 13, "shapes", "none", 0.935, 0.897, 0.97, 0.0005),
            figure(page, 13, "text", "none", 1, 1, 1, 0.005),
            figure(page, 14, "text", "encoder:random(keep=0.5)", 0.8525, 0.79, 0.905, 0.00005));
  }

  private static PublishedFigure figure(
      Path page,
      int line,
      String set,
      String plan,
      double value,
      double low,
      double high,
      double rounding) {
    return new PublishedFigure(
        page + ":" + line, set, plan, new Interval(value, low, high), rounding);
  }

  @Test
  void showsWhatRoundsToIt() {
    PublishedFigure figure =
        new PublishedFigure("page:1", "shapes", "none", new Interval(0.93, 0.918, 0.942), 0.0005);
    assertThat(figure.shows(new Interval(0.9304, 0.9176, 0.9424))).isTrue();
    assertThat(figure.shows(new Interval(0.9306, 0.918, 0.942))).isFalse();
    assertThat(figure.shows(new Interval(0.93, 0.9174, 0.942))).isFalse();
    assertThat(figure.shows(new Interval(0.93, 0.918, 0.9426))).isFalse();
  }

  @Test
  void figuresWithoutRun_orNoFigures_areRefused() throws IOException {
    Path alone = write("| set | x |\n|---|---|\n| shapes | 93.0 [91.8, 94.2] |\n");
    assertThatThrownBy(() -> ResultsPage.read(alone))
        .hasMessageContaining("page.md:3 has the figure '93.0 [91.8, 94.2]' without a run");
    Path none = write("Nothing.\n");
    assertThatThrownBy(() -> ResultsPage.read(none)).hasMessageContaining("has no figure like");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("page.md"), text);
  }
}
