package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.chat.ChatTemplate;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Tokenizer;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where an answer ends, by all that a package's files say. */
class StopTokensTest {

  private static final Path LLAVA = Path.of("src/test/resources/packages/llava");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Picture SMALL =
      new PictureReader().read(LLAVA.resolve("test/small_90x70.png"));

  @TempDir private Path folder;

  private record Recorded(Answer answer, List<Integer> tokens) {}

  private static Recorded ask(Path model) {
    RecordedTokens recorded = new RecordedTokens();
    try (VisionLanguageModel loaded = VisionLanguageModel.load(model)) {
      Answer answer =
          loaded.ask(
              List.of(SMALL), "What is in the picture?", recorded.options().withMaxTokens(8));
      return new Recorded(answer, recorded.tokens());
    }
  }

  private Path copy(String name) throws IOException {
    Path copy = folder.resolve(name);
    PackageCopy.of(LLAVA, copy);
    return copy;
  }

  @Test
  void eachOfSeveralIds_endsTheAnswer() throws IOException {
    List<Integer> tokens = ask(copy("one")).tokens();
    int third = tokens.get(2);
    assertThat(tokens.indexOf(third)).isEqualTo(2);
    int unused = tokens.contains(1) ? 3 : 1;
    for (int[] ids : new int[][] {{unused, third}, {third, unused}}) {
      Path model = copy("ids " + ids[0]);
      ObjectNode generation = JSON.createObjectNode();
      generation.putArray("eos_token_id").add(ids[0]).add(ids[1]);
      Files.writeString(model.resolve("generation_config.json"), generation.toString());

      Recorded answered = ask(model);

      assertThat(answered.answer().finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(answered.tokens()).isEqualTo(tokens.subList(0, 3));
    }
  }

  @Test
  void whatTheTemplateWritesAfterAnAnswer_endsItToo() throws IOException {
    Path model = copy("template");
    Path file = model.resolve("chat_template.jinja");
    String template = Files.readString(file);
    String answer = "{% generation %}{{ content['text'] + ' '}}";
    assertThat(template).contains(answer);
    String ended = template.replace(answer, "{% generation %}{{ content['text'] + '<pad>' }}");
    ModelPackage files = ModelPackage.read(model);
    try (Tokenizer tokenizer = Tokenizer.load(files)) {
      Map<String, String> special = Map.of("bos_token", "<s>", "eos_token", "</s>");

      assertThat(StopTokens.of(files, tokenizer, new ChatTemplate(template, "<image>", special)))
          .containsExactly(2L);
      assertThat(StopTokens.of(files, tokenizer, new ChatTemplate(ended, "<image>", special)))
          .containsExactlyInAnyOrder(2L, 421L);
    }
  }
}
