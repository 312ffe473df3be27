package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.SmallSets;
import dev.squint.testing.JavaProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command in a separate process and kills it without a chance to clean up. */
class KilledRunTest {

  private static final int PICTURES = 20;

  @TempDir Path temp;

  @Test
  void aRunKilledThreeTimes_endsWithTheSameSummaryByteForByte() throws Exception {
    Path colours = SmallSets.colours(temp.resolve("colours"), PICTURES);
    Path whole = temp.resolve("whole");
    runHere(colours, whole);
    Path killed = temp.resolve("killed");
    int all = lines(whole);
    int before = 0;
    for (int kill = 1; kill <= 3; kill++) {
      Process run = start(colours, killed);
      awaitLines(run, killed, before + all / 5);
      run.destroyForcibly().waitFor();
      int after = lines(killed);
      assertThat(after).as("answers at kill " + kill).isGreaterThan(before).isLessThan(all);
      assertThat(killed.resolve("summary.json")).doesNotExist();
      before = after;
    }
    runHere(colours, killed);
    assertThat(lines(killed)).isEqualTo(all);
    assertThat(killed.resolve("summary.json"))
        .hasSameBinaryContentAs(whole.resolve("summary.json"));
  }

  @Test
  void aKilledRunThatSkipsAMissingPicture_endsWithTheSameRowsAndSummary() throws Exception {
    Path colours = SmallSets.colours(temp.resolve("colours"), PICTURES);
    Files.delete(colours.resolve("images/7.png"));
    Path whole = temp.resolve("whole");
    runHere(colours, whole, "--on-error=skip");
    Path killed = temp.resolve("killed");
    Process run = start(colours, killed, "--on-error=skip");
    awaitLines(run, killed, lines(whole) / 3);
    run.destroyForcibly().waitFor();
    assertThat(killed.resolve("summary.json")).doesNotExist();

    runHere(colours, killed, "--on-error=skip");
    assertThat(lines(killed)).isEqualTo(lines(whole));
    assertThat(killed.resolve("summary.json"))
        .hasSameBinaryContentAs(whole.resolve("summary.json"))
        .content()
        // Two questions under each plan.
        .contains("\"failed\" : 2");
    assertThat(killed.resolve("answers.jsonl"))
        .content()
        .containsOnlyOnce("\"plan\":\"none\",\"id\":\"7-color\"")
        .contains("the set has no picture 'images/7.png'");
  }

  /**
   * A run that is not killed needs no process of its own: starting one costs more than the answers.
   */
  private static void runHere(Path data, Path out, String... more) {
    StringWriter errors = new StringWriter();
    String[] words = words(data, out, more).toArray(String[]::new);
    assertThat(Squint.run(new PrintWriter(errors), new PrintWriter(errors), words))
        .as(errors.toString())
        .isZero();
  }

  private static Process start(Path data, Path out, String... more) throws IOException {
    List<String> command = JavaProcess.command(List.of(), Squint.class);
    command.addAll(words(data, out, more));
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static List<String> words(Path data, Path out, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "eval",
                data.toString(),
                "--model=../llm-decoder/src/test/resources/packages/tiled",
                "--plan=encoder:random(keep=0.25)",
                "--plan=encoder:cls-attention(keep=0.25)",
                "--no-baselines",
                "--out=" + out));
    words.addAll(List.of(more));
    return words;
  }

  private static void awaitLines(Process run, Path out, int lines) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (lines(out) < lines) {
      assertThat(run.isAlive()).as("the run ended before it could be killed").isTrue();
      assertThat(System.nanoTime()).as("the run took too long").isLessThan(end);
      Thread.sleep(2);
    }
  }

  private static int lines(Path out) throws IOException {
    Path answers = out.resolve("answers.jsonl");
    if (Files.notExists(answers)) {
      return 0;
    }
    int lines = 0;
    for (byte each : Files.readAllBytes(answers)) {
      lines += each == '\n' ? 1 : 0;
    }
    return lines;
  }
}
