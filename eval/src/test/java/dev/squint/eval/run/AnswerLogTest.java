package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.data.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerLogTest {

  @TempDir Path folder;

  private static AnswerLine line(String id) {
    Question question = Question.open(id, List.of("a.png"), "What?", List.of("this"), "");
    return AnswerLine.failed("set", "none", question, "error");
  }

  @Test
  void anIncompleteLineThatIsLongerThanTheNextOne_leavesNothing() throws IOException {
    Path file = folder.resolve("answers.jsonl");
    try (AnswerLog log = AnswerLog.open(folder)) {
      log.add(line("1"));
    }
    List<String> before = Files.readAllLines(file);
    Files.writeString(
        file, "{\"set\":\"" + "x".repeat(100_000) + "\",\"pl", StandardOpenOption.APPEND);

    try (AnswerLog log = AnswerLog.open(folder)) {
      assertThat(log.find("set", "none", "1")).isEqualTo(line("1"));
      log.add(line("2"));
    }

    assertThat(Files.readString(file)).endsWith("\n");
    assertThat(Files.readAllLines(file))
        .containsExactly(before.get(0), before.get(0).replace("\"1\"", "\"2\""));
    try (AnswerLog log = AnswerLog.open(folder)) {
      assertThat(log.find("set", "none", "2")).isEqualTo(line("2"));
    }
  }
}
