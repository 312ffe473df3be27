package dev.squint.webapp.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.webapp.answering.Turn;
import dev.squint.webapp.answering.Turn.Part;
import dev.squint.webapp.http.ApiException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Where the files of a form stand in its conversation. */
class AskHistoryTest {

  private static final JsonMapper JSON = new JsonMapper();

  private static List<String> conversation(String history, int files, int clips) {
    return AskHistory.read(JSON, history)
        .conversation(named("f", files), named("c", clips), "now")
        .stream()
        .map(AskHistoryTest::written)
        .toList();
  }

  private static List<Part> named(String name, int count) {
    return Stream.iterate(0, i -> i + 1)
        .limit(count)
        .<Part>map(i -> new Part.Text(name + i))
        .toList();
  }

  private static String written(Turn turn) {
    return turn.role()
        + turn.parts().stream()
            .map(part -> " " + ((Part.Text) part).text())
            .reduce("", String::concat);
  }

  @Test
  void withoutNumbers_allFilesStandFirst() {
    String history =
        "[{\"role\":\"user\",\"text\":\"before\"},{\"role\":\"assistant\",\"text\":\"yes\"}]";
    assertThat(conversation(history, 2, 1))
        .containsExactly("user f0 f1 c0 before", "assistant yes", "user now");
    assertThat(AskHistory.read(JSON, null).conversation(named("f", 1), List.of(), "now"))
        .map(AskHistoryTest::written)
        .containsExactly("user f0 now");
  }

  @Test
  void withNumbers_filesStandWithTheirMessages_andTheRestWithTheQuestion() {
    String history =
        """
        [{"role":"user","text":"one","files":1,"clips":0},{"role":"assistant","text":"1"},
         {"role":"user","text":"two","files":0},{"role":"assistant","text":"2"},
         {"role":"user","text":"three","files":1,"clips":1},{"role":"assistant","text":"3"}]
        """;
    assertThat(conversation(history, 3, 2))
        .containsExactly(
            "user f0 one",
            "assistant 1",
            "user two",
            "assistant 2",
            "user f1 c0 three",
            "assistant 3",
            "user f2 c1 now");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [{"role":"user","text":"a","files":2},{"role":"assistant","text":"b"}]            | have 2 files but the form has 1
          [{"role":"user","text":"a","clips":1},{"role":"assistant","text":"b"}]            | have 1 clips but the form has 0
          [{"role":"user","text":"a","files":-1},{"role":"assistant","text":"b"}]           | at least 0
          [{"role":"user","text":"a"},{"role":"assistant","text":"b","files":1}]            | before a message of 'user'
          [{"role":"user","text":"a"}]                                                      | must end with a message of 'assistant'
          [{"role":"assistant","text":"a"},{"role":"user","text":"b"}]                      | alternate
          {"role":"user"}                                                                   | JSON array
          """)
  void wrongHistory_isRefused(String history, String message) {
    assertThatThrownBy(() -> conversation(history, 1, 0))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining(message);
  }
}
