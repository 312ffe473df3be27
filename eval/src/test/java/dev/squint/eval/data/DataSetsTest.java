package dev.squint.eval.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.eval.SmallSets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetsTest {

  @TempDir Path temp;

  @Test
  void readsQuestionsAndPicturesOfAFolder() throws IOException {
    Path folder = SmallSets.colours(temp.resolve("colours"), 2);
    try (DataFolder data = DataFolder.open(folder)) {
      DataSet set = DataSets.read(data);
      assertThat(set.name()).isEqualTo("colours");
      assertThat(set.questions()).hasSize(4);
      assertThat(set.questions().get(0))
          .isEqualTo(
              new Question(
                  "0-color",
                  List.of("images/0.png"),
                  "What color is it?",
                  List.of("red"),
                  "color",
                  false,
                  List.of(new Box(0, 8, 8, 24, 24))));
      assertThat(set.picture("images/0.png").width()).isEqualTo(32);
    }
  }

  @Test
  void readsAZipWithAFolderInIt() throws IOException {
    SmallSets.colours(temp.resolve("in/colours"), 2);
    Path zip = SmallSets.zip(temp.resolve("in"), temp.resolve("some-set.zip"));
    try (DataFolder data = DataFolder.open(zip)) {
      DataSet set = DataSets.read(data);
      assertThat(set.name()).isEqualTo("some-set");
      assertThat(set.picture("images/1.png").height()).isEqualTo(32);
    }
  }

  @Test
  void readsTheHeldOutSetsAndEasyVqaOfThisRepository() {
    Path tiny = Path.of("../samples/tiny-vlm");
    try (DataFolder easy = DataFolder.open(tiny.resolve("data/easy-vqa.zip"));
        DataFolder clips = DataFolder.open(tiny.resolve("heldout/clips.zip"));
        DataFolder shapes = DataFolder.open(tiny.resolve("heldout/shapes.zip"))) {
      DataSet easyVqa = DataSets.read(easy);
      assertThat(easyVqa.questions()).hasSize(9673);
      assertThat(easyVqa.questions().stream().map(Question::kind).distinct())
          .containsExactlyInAnyOrder("yes-no", "shape", "color");
      assertThat(easyVqa.picture(easyVqa.questions().get(0).pictures().get(0)).width())
          .isEqualTo(64);
      assertThat(DataSets.read(clips).questions())
          .allSatisfy(question -> assertThat(question.pictures()).hasSize(4));
      assertThat(DataSets.read(shapes).questions())
          .anySatisfy(question -> assertThat(question.unseen()).isTrue());
    }
  }

  @Test
  void saysWhatIsWrongAndWhere() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.open(temp.resolve("nowhere")))
        .withMessageContaining("nowhere does not exist");
    Path text = Files.writeString(temp.resolve("text.zip"), "no zip");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.open(text))
        .withMessageContaining("neither a folder nor a zip");
    try (DataFolder empty = DataFolder.open(Files.createDirectory(temp.resolve("empty")))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DataSets.read(empty))
          .withMessageContaining("'empty' holds no known data set")
          .withMessageContaining("questions.jsonl");
    }
    Path folder = Files.createDirectory(temp.resolve("broken"));
    Files.writeString(
        folder.resolve("questions.jsonl"),
        "{\"images\":[],\"question\":\"Which?\",\"answer\":\"a\"}\n{\"question\":\"Who?\"}\n");
    try (DataFolder broken = DataFolder.open(folder)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DataSets.read(broken))
          .withMessageContaining("line 2 of questions.jsonl of 'broken'")
          .withMessageContaining("0 answers");
    }
  }

  @Test
  void aPictureOutsideOfTheSetIsRefused() throws IOException {
    Path folder = SmallSets.colours(temp.resolve("colours"), 1);
    try (DataFolder data = DataFolder.open(folder)) {
      DataSet set = DataSets.read(data);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> set.picture("../secret.png"))
          .withMessageContaining("outside");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> set.picture("images/9.png"))
          .withMessageContaining("no picture 'images/9.png'");
    }
  }

  @Test
  void twoQuestionsWithOneIdAreRefused() {
    Question question =
        new Question("1", List.of(), "Why?", List.of("because"), "all", false, List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DataSet("twice", temp, List.of(question, question)))
        .withMessageContaining("two questions with the id '1'");
  }
}
