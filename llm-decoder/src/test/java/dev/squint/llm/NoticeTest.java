package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.model.ModelPackage;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a package says that its model is for. */
class NoticeTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/llava");

  @TempDir private Path folder;

  @BeforeEach
  void copyOfAPackage() throws IOException {
    PackageCopy.of(PACKAGE, folder);
  }

  @Test
  void aNotice_standsInTheNotesOfEachAnswerAndChangesNothingElse() throws IOException {
    Answer before = ask(PACKAGE);
    assertThat(before.notes()).isEmpty();

    Files.writeString(
        folder.resolve("squint.json"),
        "{\"notice\": \"Drawn shapes only.\", \"noticeUrl\": \"https://example.org/models\"}");
    ModelPackage described = ModelPackage.read(folder);
    assertThat(described.notice()).contains("Drawn shapes only.");
    assertThat(described.noticeUrl()).contains("https://example.org/models");
    Answer after = ask(folder);
    assertThat(after.notes()).containsExactly("Drawn shapes only.");
    assertThat(after.text()).isEqualTo(before.text());
  }

  private static Answer ask(Path from) {
    try (VisionLanguageModel model = VisionLanguageModel.load(from)) {
      return model.ask(
          List.of(new PictureReader().read(PACKAGE.resolve("test/small_90x70.png"))),
          "What is in the picture?",
          AskOptions.DEFAULT.withMaxTokens(4));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"notice\": 7}",
        "{\"notice\": \" \"}",
        "{\"notice\": null}",
        "{\"noticeUrl\": \"javascript:alert(1)\"}"
      })
  void aNoticeThatIsNoText_isRefusedWhenThePackageIsRead(String squint) throws IOException {
    Files.writeString(folder.resolve("squint.json"), squint);
    assertThatThrownBy(() -> ModelPackage.read(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("squint.json has the notice");
  }

  @Test
  void theDefaultModel_saysThatItIsADemonstration() {
    ModelPackage own = ModelPackage.read(Path.of("../samples/tiny-vlm/package"));
    assertThat(own.notice().orElseThrow())
        .contains("demonstration model")
        .contains("photographs")
        .contains("--model HuggingFaceTB/SmolVLM-256M-Instruct");
  }
}
