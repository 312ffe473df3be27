package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.session.Drafts;
import dev.squint.llm.model.RopeSwitch;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Keys that were rotated by the frequencies of short texts are not used beyond the length at which
 * the model takes others.
 */
class RopeSwitchTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"original_max_position_embeddings\":40,\"rope_scaling\":{\"type\":\"su\"}} | 40",
        "{\"rope_scaling\":{\"rope_type\":\"longrope\",\"original_max_position_embeddings\":41}} | 41",
        "{\"text_config\":{\"rope_parameters\":{\"rope_type\":\"longrope\",\"original_max_position_embeddings\":42}}} | 42",
        "{\"max_position_embeddings\":43,\"rope_scaling\":{\"type\":\"dynamic\"}} | 43",
        "{\"max_position_embeddings\":43,\"rope_scaling\":{\"type\":\"yarn\"}} | -1",
        "{\"max_position_embeddings\":43,\"rope_scaling\":null} | -1",
      })
  void theLengthIsThatOfTheConfiguration(String config, int most) throws JsonProcessingException {
    assertThat(RopeSwitch.of(new ObjectMapper().readTree(config)))
        .isEqualTo(most < 0 ? OptionalInt.empty() : OptionalInt.of(most));
  }

  @Test
  void promptsBeyondIt_runWhole_andAnswersEndAtIt() throws IOException {
    Picture picture = new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"));
    List<Message> question =
        List.of(
            new Message(
                "user",
                List.of(new Content.Image(picture), new Content.Text("What is in the picture?"))));
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(8).withDraftTokens(4);
    VisionLanguageModel known = LoadedModels.of(PACKAGES.resolve("phi3-v"));
    int tokens = known.ask(question, options).promptTokens();
    assertThat(known.ask(question, options).reusedTokens()).isPositive();

    Answer before = answerTwice(question, options, tokens + 2);
    assertThat(before.reusedTokens()).isPositive();
    assertThat(before.completionTokens()).isEqualTo(3);
    assertThat(before.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(before.notes()).anyMatch(note -> note.startsWith("the answer has at most 3 tokens"));

    Answer beyond = answerTwice(question, options, tokens - 1);
    assertThat(beyond.reusedTokens()).isZero();
    assertThat(beyond.completionTokens()).isEqualTo(8);
    assertThat(beyond.counts().drafts()).isEqualTo(Drafts.NONE);
    assertThat(beyond.notes())
        .anyMatch(note -> note.startsWith("no tokens are drafted: the prompt is longer"));
  }

  /** The second answer of the model, as if it took other frequencies behind this many tokens. */
  private Answer answerTwice(List<Message> question, AskOptions options, int most)
      throws IOException {
    Path copy = folder.resolve("at-" + most);
    PackageCopy.of(PACKAGES.resolve("phi3-v"), copy);
    Path config = copy.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace(
                "\"original_max_position_embeddings\": 4096",
                "\"original_max_position_embeddings\": " + most));
    try (VisionLanguageModel model = VisionLanguageModel.load(copy)) {
      model.ask(question, options);
      return model.ask(question, options);
    }
  }
}
