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

  private static final String CONCATENATES_ANSWERS =
      """
      {% for message in messages %}{% if message['role'] == 'assistant' %}{{ '<|assistant|>' + message['content'] + '<end>' }}\
      {% else %}<|user|>{% for line in message['content'] %}\
      {{ '<image>' if line['type'] == 'image' else line['text'] }}{% endfor %}<end>{% endif %}{% endfor %}""";

  @Test
  void eachRoleGetsWhatItTakes_stringsOrLists() {
    ChatTemplate template = new ChatTemplate(CONCATENATES_ANSWERS, "<image>", Map.of());

    assertThat(
            template.render(
                List.of(
                    Message.user(List.of(new Picture(1, 1, new byte[3])), "Q1?"),
                    Message.assistant("A1."),
                    Message.user("Q2?"))))
        .isEqualTo("<|user|><image>Q1?<end><|assistant|>A1.<end><|user|>Q2?<end>");
  }

  @Test
  void templateThatPrintsItsContent_isGivenText() {
    ChatTemplate template =
        new ChatTemplate(
            "{% for m in messages %}<|{{ m.role }}|>{{ m['content'] }}{% endfor %}",
            "<image>", Map.of());

    assertThat(
            template.render(
                List.of(Message.system("S"), Message.user("Q1?"), Message.assistant("A1."))))
        .isEqualTo("<|system|>S<|user|>Q1?<|assistant|>A1.");
  }

  @Test
  void toolsAreNone_asTransformersGivesThem() {
    ChatTemplate template =
        new ChatTemplate(
            "{{ tools is defined }}{{ tools }}{{ documents }}{{ messages[0].content }}",
            "<image>",
            Map.of());

    assertThat(template.render(List.of(Message.user("hi")))).isEqualTo("TrueNoneNonehi");
  }

  @Test
  void whatIsNotSupported_isRefusedByName() {
    for (String part : List.of("{% include 'x' %}", "{{ 'a'|urlize }}", "{{ lipsum() }}")) {
      assertThatThrownBy(() -> new ChatTemplate(part + "{{ messages }}", "<image>", Map.of()))
          .as(part)
          .hasMessageContaining("not supported in chat templates");
    }
  }

  @Test
  void templatesWithoutEnd_areStopped() {
    for (String costly :
        List.of(
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            "{{ 'x' * 999999999 }}",
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}"
                + "{% endfor %}")) {
      assertThatThrownBy(() -> new ChatTemplate(costly + "{{ messages }}", "<image>", Map.of()))
          .as(costly)
          .isInstanceOf(IllegalArgumentException.class);
    }
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
