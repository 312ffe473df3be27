package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.eval.SmallSets;
import dev.squint.eval.data.Box;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.FolderPictures;
import dev.squint.eval.data.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFinderTest {

  @TempDir Path temp;
  private final DataFinder finder = new DataFinder(null, "");

  @AfterEach
  void close() {
    finder.close();
  }

  @Test
  void readsQuestionsAndPicturesOfAFolder() throws IOException {
    Path folder = SmallSets.colours(temp.resolve("colours"), 2);
    DataSet set = finder.find(folder.toString()).set();
    assertThat(set.name()).isEqualTo("colours");
    assertThat(set.questions()).hasSize(4);
    assertThat(set.questions().get(0))
        .isEqualTo(
            Question.open(
                    "0-color",
                    List.of("images/0.png"),
                    "What color is it?",
                    List.of("red"),
                    "color")
                .about(List.of(new Box(0, 8, 8, 24, 24)), false));
    assertThat(set.pictures().read("images/0.png").width()).isEqualTo(32);
  }

  @Test
  void readsAZipWithAFolderInIt() throws IOException {
    SmallSets.colours(temp.resolve("in/colours"), 2);
    Path zip = SmallSets.zip(temp.resolve("in"), temp.resolve("some-set.zip"));
    DataSet set = finder.find(zip.toString()).set();
    assertThat(set.name()).isEqualTo("some-set");
    assertThat(set.pictures().read("images/1.png").height()).isEqualTo(32);
  }

  @Test
  void readsTheHeldOutSetsAndEasyVqaOfThisRepository() {
    DataSet easyVqa = finder.find("../samples/tiny-vlm/data/easy-vqa.zip").set();
    assertThat(easyVqa.questions()).hasSize(9673);
    assertThat(easyVqa.questions().stream().map(Question::kind).distinct())
        .containsExactlyInAnyOrder("yes-no", "shape", "color");
    String picture = easyVqa.questions().get(0).pictures().get(0);
    assertThat(easyVqa.pictures().read(picture).width()).isEqualTo(64);
    assertThat(finder.find("../samples/tiny-vlm/heldout/clips.zip").set().questions())
        .allSatisfy(question -> assertThat(question.pictures()).hasSize(4));
    assertThat(finder.find("../samples/tiny-vlm/heldout/shapes.zip").set().questions())
        .anySatisfy(question -> assertThat(question.unseen()).isTrue());
  }

  @Test
  void findsABenchmarkByNameInTheDataFolder() {
    try (DataFinder withData =
        new DataFinder(Path.of("../samples/tiny-vlm/data/easy-vqa.zip"), "")) {
      TaskData easy = withData.find("easy-vqa");
      assertThat(easy.task().name()).isEqualTo("easy-vqa");
      assertThat(easy.set().questions()).hasSize(9673);
    }
  }

  @Test
  void missingData_explainsTheDownload() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> finder.find("pope"))
        .withMessageContaining("pope needs --data")
        .withMessageContaining("github.com/AoiDragon/POPE");
    try (DataFinder empty = new DataFinder(temp, "")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> empty.find("pope"))
          .withMessageContaining("there is no coco_pope_adversarial.json in")
          .withMessageContaining("github.com/AoiDragon/POPE");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> empty.find("easy-vqa"))
          .withMessageContaining("holds no data of easy-vqa");
    }
    try (DataFinder wrong = new DataFinder(temp, "train")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> wrong.find("pope"))
          .withMessageContaining("no split 'train'; there are [adversarial, popular, random]");
    }
  }

  @Test
  void errors_nameFileAndLine() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> finder.find(temp.resolve("nowhere").toString()))
        .withMessageContaining("nowhere is neither a benchmark's name nor a folder or zip");
    Path text = Files.writeString(temp.resolve("text.zip"), "no zip");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> finder.find(text.toString()))
        .withMessageContaining("neither a folder nor a zip");
    Path empty = Files.createDirectory(temp.resolve("empty"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> finder.find(empty.toString()))
        .withMessageContaining("empty' holds no questions.jsonl");
    Path folder = Files.createDirectory(temp.resolve("broken"));
    Files.writeString(
        folder.resolve("questions.jsonl"),
        "{\"images\":[],\"question\":\"Which?\",\"answer\":\"a\"}\n{\"question\":\"Who?\"}\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> finder.find(folder.toString()))
        .withMessageContaining("line 2 of questions.jsonl of 'broken'")
        .withMessageContaining("0 answers");
  }

  @Test
  void pictureOutsideOfTheFolder_isRefused() throws IOException {
    Path folder = SmallSets.colours(temp.resolve("colours"), 1);
    DataSet set = finder.find(folder.toString()).set();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.pictures().read("../secret.png"))
        .withMessageContaining("outside");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.pictures().read("images/9.png"))
        .withMessageContaining("no picture 'images/9.png'");
  }

  @Test
  void duplicateIds_areRefused() {
    Question question = Question.open("1", List.of(), "Why?", List.of("because"), "all");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new DataSet("twice", new FolderPictures(temp), List.of(question, question)))
        .withMessageContaining("two questions with the id '1'");
  }
}
