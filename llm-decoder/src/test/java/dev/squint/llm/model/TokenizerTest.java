package dev.squint.llm.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.PackageCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

  private static final Path FOLDER = Path.of("src/test/resources/packages/llava");
  private static Tokenizer tokenizer;

  @BeforeAll
  static void load() {
    tokenizer = Tokenizer.load(ModelPackage.read(FOLDER));
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void llamaTokenizers_followTheirSettingsAsInTransformers(@TempDir Path folder)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode llama = mapper.readTree(Path.of("src/test/resources/tokenizers/llama.json").toFile());
    PackageCopy.of(FOLDER, folder);
    Files.writeString(folder.resolve("tokenizer.json"), llama.get("tokenizer").toString());
    for (JsonNode settings : llama.get("cases")) {
      ObjectNode config = settings.get("config").deepCopy();
      config.put("chat_template", "{{ messages }}");
      Files.writeString(folder.resolve("tokenizer_config.json"), config.toString());
      try (Tokenizer own = Tokenizer.load(ModelPackage.read(folder))) {
        for (int i = 0; i < llama.get("texts").size(); i++) {
          String text = llama.get("texts").get(i).asText();
          String what = config + " " + text;
          long[] ids = longs(settings.get("ids").get(i));
          assertThat(own.encode(text, false)).as(what).isEqualTo(ids);
          assertThat(own.decode(ids)).as(what).isEqualTo(settings.get("decoded").get(i).asText());
        }
      }
    }
  }

  @Test
  void samples_areTokenisedAsInPython() throws IOException {
    JsonNode samples =
        new ObjectMapper().readTree(Files.readString(FOLDER.resolve("test/samples.json")));
    for (JsonNode sample : samples.get("tokenizer")) {
      String text = sample.get("text").asText();
      long[] ids = longs(sample.get("ids"));
      assertThat(tokenizer.encode(text, true)).as(text).isEqualTo(ids);
      assertThat(tokenizer.encode(text, false))
          .as(text)
          .isEqualTo(longs(sample.get("ids_without_special")));
      assertThat(tokenizer.decode(ids))
          .as(text)
          .isEqualTo(sample.get("decoded_skip_special").asText());
    }
  }

  @Test
  void specialTokens_areKnownByNameAndId() {
    assertThat(tokenizer.id("<image>")).hasValue(420);
    assertThat(tokenizer.id("two words")).isEmpty();
    assertThat(tokenizer.isSpecial(2)).isTrue();
    assertThat(tokenizer.isSpecial(67)).isFalse();
  }

  @Test
  void stream_holdsBackCharactersUntilTheyAreWhole() {
    TextStream stream = new TextStream(tokenizer);
    StringBuilder text = new StringBuilder();
    for (long id : tokenizer.encode("naïve 🙂 漢字!", false)) {
      String piece = stream.add(id);
      assertThat(piece).doesNotContain("\uFFFD");
      text.append(piece);
    }
    assertThat(text.append(stream.end())).hasToString("naïve 🙂 漢字!");
  }

  @Test
  void stream_ofAnyTokens_isTheirTextInPieces() {
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      long[] ids = random.longs(1 + random.nextInt(40), 0, 422).toArray();
      TextStream stream = new TextStream(tokenizer);
      StringBuilder text = new StringBuilder();
      for (long id : ids) {
        text.append(stream.add(id));
      }
      assertThat(text.append(stream.end())).hasToString(tokenizer.decode(ids));
    }
  }

  private static long[] longs(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToLong(JsonNode::asLong).toArray();
  }
}
