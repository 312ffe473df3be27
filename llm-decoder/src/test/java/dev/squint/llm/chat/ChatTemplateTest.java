package dev.squint.llm.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ChatTemplateTest {

  private static final Path FOLDER = Path.of("src/test/resources/templates");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TestFactory
  List<DynamicTest> rendersAsTransformersDoes() throws IOException {
    JsonNode expected = JSON.readTree(Files.readString(FOLDER.resolve("expected.json")));
    Map<String, String> tokens =
        JSON.convertValue(expected.get("tokens"), new TypeReference<>() {});
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode expectedCase : expected.get("cases")) {
      String file = expectedCase.get("template").asText();
      String conversation = expectedCase.get("conversation").asText();
      boolean prompt = expectedCase.get("add_generation_prompt").asBoolean();
      List<Object> messages =
          JSON.convertValue(
              expected.get("conversations").get(conversation), new TypeReference<>() {});
      tests.add(
          DynamicTest.dynamicTest(
              file + ", " + conversation + (prompt ? ", prompt" : ""),
              () -> {
                ChatTemplate template =
                    new ChatTemplate(Files.readString(FOLDER.resolve(file)), "<image>", tokens);
                if (expectedCase.has("refused")) {
                  assertThatThrownBy(() -> template.render(messages, prompt))
                      .isInstanceOf(IllegalArgumentException.class)
                      .hasMessageContaining(expectedCase.get("refused").asText());
                } else {
                  assertThat(template.render(messages, prompt))
                      .isEqualTo(expectedCase.get("rendered").asText());
                }
              }));
    }
    assertThat(tests).hasSizeGreaterThan(200);
    return tests;
  }

  @Test
  void templateOfPlainStrings_picturesBecomeTheImageTokenBeforeTheText() throws IOException {
    ChatTemplate template =
        new ChatTemplate(Files.readString(FOLDER.resolve("chatml.jinja")), "<image>", Map.of());
    Picture picture = new Picture(1, 1, new byte[3]);

    assertThat(template.render(List.of(Message.user(List.of(picture, picture), "Which?"))))
        .isEqualTo("<|im_start|>user\n<image>\n<image>\nWhich?<|im_end|>\n<|im_start|>assistant\n");
  }

  @Test
  void templateCannotReachJavaOrFiles() {
    for (String hostile :
        List.of(
            "{{ ''.getClass().forName('java.lang.Runtime') }}",
            "{{ messages.getClass().getName() }}",
            "{% include 'expected.json' %}")) {
      String written;
      try {
        ChatTemplate template =
            new ChatTemplate("{{ messages[0].content[0].text }}" + hostile, "<image>", Map.of());
        written = template.render(List.of(Message.user("hi")));
      } catch (IllegalArgumentException refused) {
        continue;
      }
      assertThat(written).as(hostile).isEqualTo("hi");
    }
  }

  @Test
  void brokenTemplates_areRefusedAtOnce() {
    for (String broken : List.of("{% for m in messages %}", "{% for", "{{ 1 +", "no messages")) {
      assertThatThrownBy(() -> new ChatTemplate(broken, "<image>", Map.of()))
          .as(broken)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
