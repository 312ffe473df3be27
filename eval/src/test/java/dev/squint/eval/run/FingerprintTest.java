package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.SmallSets;
import dev.squint.eval.data.DataFolder;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.JsonLinesReader;
import dev.squint.eval.data.Question;
import dev.squint.eval.task.Task;
import dev.squint.eval.task.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {

  @TempDir Path temp;

  @Test
  void files_namesAndContentsCount() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("model"));
    Files.writeString(folder.resolve("a.json"), "one");
    Files.writeString(folder.resolve("b.json"), "two");
    String before = Fingerprint.of(folder);

    Files.move(folder.resolve("b.json"), folder.resolve("c.json"));
    String renamed = Fingerprint.of(folder);
    Files.writeString(folder.resolve("c.json"), "twO");
    String changed = Fingerprint.of(folder);
    Files.move(folder.resolve("c.json"), folder.resolve("b.json"));
    Files.writeString(folder.resolve("b.json"), "two");

    assertThat(List.of(before, renamed, changed)).doesNotHaveDuplicates();
    assertThat(Fingerprint.of(folder)).isEqualTo(before);
  }

  @Test
  void questions_promptPicturesAndLengthOfTheAnswerCount() throws IOException {
    try (DataFolder folder = DataFolder.open(SmallSets.colours(temp.resolve("colours"), 2))) {
      DataSet set = JsonLinesReader.read("colours", folder.root());
      Question first = set.questions().get(0);
      Task task = Tasks.get("own");
      DataSet one = with(set, first, first.pictures().get(0));
      List<TaskData> runs =
          List.of(
              new TaskData(task, one),
              new TaskData(asking(task, "{question} Answer briefly.", task.maxTokens()), one),
              new TaskData(asking(task, task.prompt(), task.maxTokens() + 1), one),
              new TaskData(task, with(set, first, "other.png")),
              new TaskData(
                  task,
                  one.with(
                      List.of(
                          one.questions()
                              .get(0)
                              .after(List.of(new Question.Turn("Where?", "top")))))));

      assertThat(runs.stream().map(Fingerprint::of)).doesNotHaveDuplicates();
      assertThat(Fingerprint.of(new TaskData(Tasks.get("own"), one)))
          .isEqualTo(Fingerprint.of(runs.get(0)));
    }
  }

  private static Task asking(Task task, String prompt, int maxTokens) {
    return new Task(
        task.name(),
        task.title(),
        task.format(),
        task.splits(),
        task.fields(),
        prompt,
        maxTokens,
        task.frames(),
        task.official(),
        task.harnesses(),
        task.get(),
        task.tried(),
        task.source(),
        task.hub(),
        task.names());
  }

  private static DataSet with(DataSet set, Question first, String picture) {
    return set.with(
        List.of(
            Question.open(
                first.id(), List.of(picture), first.text(), first.answers(), first.kind())));
  }
}
