package dev.squint.llm.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Small templates that once went wrong, with what transformers 5.18 makes of them: precedence, text
 * or lists by role, operators on texts, filters, and how Python prints values.
 */
class CaseTemplatesTest {

  private static final Path FOLDER = Path.of("src/test/resources/templates/cases");

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "boolprint ~ TrueTrue1.01000.0[1, 'a', None, True]{'a': 'b'}Q1?",
        "concat ~ <|user|>Q1?<end_of_utterance><|assistant|>A1.<end_of_utterance>"
            + "<|user|>Q2?<end_of_utterance><|assistant|>",
        "filterblock ~ Q1?",
        "forif ~ 1Q1?2Q2?",
        "format ~ a-505x1y2Q1?",
        "not_in ~ AQ1?",
        "plain ~ <|user|>Q1?<end_of_utterance><|assistant|>A1.<end_of_utterance>"
            + "<|user|>Q2?<end_of_utterance><|assistant|>",
        "replace ~ Q1?baa2A B",
        "strmul ~ =====[1, 1][1, 2]Q1?",
        // It takes a text as well as a list; then a list is given, as transformers' processors do.
        "tojson ~ {\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Q1?\"}]}"
      },
      quoteCharacter = '`')
  void isRenderedAsTransformersDoes(String name, String expected) throws IOException {
    ChatTemplate template =
        new ChatTemplate(Files.readString(FOLDER.resolve(name + ".jinja")), "<image>", Map.of());
    List<Message> conversation =
        List.of(Message.user("Q1?"), Message.assistant("A1."), Message.user("Q2?"));
    assertThat(template.render(conversation)).isEqualTo(expected);
  }
}
