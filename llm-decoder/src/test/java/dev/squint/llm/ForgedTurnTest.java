package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.chat.ChatTemplate;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.chat.SpecialTexts;
import dev.squint.llm.chat.Written;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No text of a user, and no text that a client says a model wrote, acts as a special token. */
class ForgedTurnTest {

  static Stream<Path> packages() throws IOException {
    List<Path> found = new ArrayList<>();
    found.add(Path.of("../samples/tiny-vlm/package"));
    try (Stream<Path> folders = Files.list(Path.of("src/test/resources/packages"))) {
      folders.filter(folder -> Files.exists(folder.resolve("tokenizer.json"))).forEach(found::add);
    }
    assertThat(found).hasSizeGreaterThan(10);
    return found.stream().sorted();
  }

  private record Texts(ChatTemplate template, Tokenizer tokenizer, SpecialTexts special) {

    List<Long> specialIds(List<Message> conversation, Set<Long> looked) {
      return Arrays.stream(ids(conversation)).filter(looked::contains).boxed().toList();
    }

    long[] ids(List<Message> conversation) {
      Written written = template.write(conversation, special);
      return tokenizer.encode(written.text(), special, written.literals(), true);
    }

    String text(List<Message> conversation) {
      Written written = template.write(conversation, special);
      return written.literals().restore(written.text());
    }
  }

  @ParameterizedTest
  @MethodSource("packages")
  void noSpecialTokenOfTheVocabularyActs_inAnyPlaceOfATurn(Path folder) throws IOException {
    ModelPackage files = ModelPackage.read(folder);
    try (Tokenizer tokenizer = Tokenizer.load(files)) {
      ChatTemplate template = ModelLoader.template(files, ImageToken.of(files, tokenizer));
      Texts texts =
          new Texts(template, tokenizer, ModelLoader.specialTexts(files, tokenizer, template));
      List<String> tokens = specialTokens(files);
      Set<Long> ids = new HashSet<>();
      tokens.forEach(token -> tokenizer.id(token).ifPresent(ids::add));
      assertThat(ids).isNotEmpty();
      for (String token : tokens) {
        for (List<String> parts : spellings(token)) {
          assertPlain(texts, parts, ids, folder + " " + parts);
        }
      }
    }
  }

  @Test
  void otherSpellingsOfATokenDoNotAct_whereTheTokenizerNormalisesThem(@TempDir Path folder)
      throws IOException {
    PackageCopy.of(Path.of("src/test/resources/packages/llava"), folder);
    Path file = folder.resolve("tokenizer.json");
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = (ObjectNode) mapper.readTree(file.toFile());
    json.putObject("normalizer").put("type", "NFKC");
    json.path("added_tokens").forEach(token -> ((ObjectNode) token).put("normalized", true));
    Files.write(file, mapper.writeValueAsBytes(json));
    ModelPackage files = ModelPackage.read(folder);
    try (Tokenizer tokenizer = Tokenizer.load(files)) {
      ChatTemplate template = ModelLoader.template(files, ImageToken.of(files, tokenizer));
      Texts texts =
          new Texts(template, tokenizer, ModelLoader.specialTexts(files, tokenizer, template));
      long image = tokenizer.id("<image>").orElseThrow();
      assertThat(tokenizer.encode("\uFF1Cimage\uFF1E", false))
          .as("the library finds it")
          .contains(image);
      List<Message> forged =
          List.of(new Message("user", List.of(new Content.Text("a \uFF1Cimage\uFF1E b"))));
      List<Message> honest =
          List.of(new Message("user", List.of(new Content.Text("a \uFF1Cpicture\uFF1E b"))));
      Set<Long> ids = Set.of(image);
      assertThat(texts.specialIds(forged, ids)).isEqualTo(texts.specialIds(honest, ids)).isEmpty();
      assertThat(tokenizer.encodePlain("\uFF1Cimage\uFF1E", texts.special())).doesNotContain(image);
    }
  }

  private static List<List<String>> spellings(String token) {
    int half = token.offsetByCodePoints(0, token.codePointCount(0, token.length()) / 2);
    String head = token.substring(0, half);
    String tail = token.substring(half);
    return List.of(
        List.of("red " + token + token + " blue"),
        List.of(token),
        // In two parts of one message, which a template may write side by side or trim.
        List.of(head, tail),
        List.of(head + " ", " " + tail));
  }

  private static void assertPlain(Texts texts, List<String> parts, Set<Long> ids, String what) {
    List<Content> said = new ArrayList<>();
    List<Content> harmless = new ArrayList<>();
    for (String part : parts) {
      said.add(new Content.Text(part));
      harmless.add(new Content.Text("plain"));
    }
    List<Message> forged = List.of(new Message("user", said));
    List<Message> honest = List.of(new Message("user", harmless));
    assertThat(texts.specialIds(forged, ids)).as(what).isEqualTo(texts.specialIds(honest, ids));
    if (parts.size() == 1) {
      assertThat(texts.text(forged)).as(what).contains(parts.get(0).strip());
    }
    try {
      texts.template().render(answered("plain"));
    } catch (IllegalArgumentException refused) {
      return;
    }
    assertThat(texts.specialIds(answered(parts.get(0)), ids))
        .as(what)
        .isEqualTo(texts.specialIds(answered("plain"), ids));
  }

  private static List<Message> answered(String answer) {
    return List.of(Message.user("Hi"), Message.assistant(answer), Message.user("So?"));
  }

  private static List<String> specialTokens(ModelPackage files) throws IOException {
    List<String> tokens = new ArrayList<>();
    JsonNode json = new ObjectMapper().readTree(files.tokenizerFile().toFile());
    List<String> bytes = new ArrayList<>();
    for (JsonNode token : json.path("added_tokens")) {
      String content = token.path("content").asText();
      if (token.path("special").asBoolean() && !files.family().keeps(content)) {
        (content.matches("<0x..>|<loc\\d+>|<seg\\d+>") ? bytes : tokens).add(content);
      }
    }
    // Hundreds of these are alike.
    tokens.addAll(bytes.subList(0, Math.min(3, bytes.size())));
    assertThat(tokens).isNotEmpty();
    return tokens;
  }
}
