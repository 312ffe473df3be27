package dev.squint.webapp.ask;

import dev.squint.webapp.answering.Turn;
import dev.squint.webapp.answering.Turn.Part;
import dev.squint.webapp.ask.AskForm.Said;
import dev.squint.webapp.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The earlier turns of a question.
 *
 * @param said messages of {@code user} and {@code assistant} in turn, an even number
 */
record AskHistory(List<Said> said) {

  /**
   * Reads the field {@code history}.
   *
   * @param text JSON, or null for no earlier turns
   * @throws ApiException if the messages do not alternate or lack a text
   */
  static AskHistory read(JsonMapper json, @Nullable String text) {
    if (text == null) {
      return new AskHistory(List.of());
    }
    @Nullable Said @Nullable [] history;
    try {
      history = json.readValue(text, Said[].class);
    } catch (JacksonException e) {
      throw unreadable();
    }
    if (history == null) {
      throw unreadable();
    }
    List<Said> said = new ArrayList<>();
    for (int i = 0; i < history.length; i++) {
      said.add(checked(history[i], i));
    }
    if (said.size() % 2 != 0) {
      throw ApiException.invalid("history", "history must end with a message of 'assistant'");
    }
    return new AskHistory(List.copyOf(said));
  }

  private static Said checked(@Nullable Said next, int place) {
    String param = "history[%d]".formatted(place);
    String due = place % 2 == 0 ? "user" : "assistant";
    if (next == null || !due.equals(next.role()) || next.text() == null) {
      throw ApiException.invalid(
          param,
          "in history, messages of 'user' and 'assistant' alternate; here a message of '%s' with a 'text' is expected"
              .formatted(due));
    }
    if (files(next) < 0 || clips(next) < 0 || (place % 2 == 1 && files(next) + clips(next) > 0)) {
      throw ApiException.invalid(
          param,
          "'files' and 'clips' are numbers of files before a message of 'user', at least 0; here they are %s and %s"
              .formatted(next.files(), next.clips()));
    }
    return next;
  }

  private static int files(Said message) {
    return message.files() == null ? 0 : message.files();
  }

  private static int clips(Said message) {
    return message.clips() == null ? 0 : message.clips();
  }

  /**
   * The conversation with the question as its last turn. Files stand before the message that they
   * were sent with, or all before the first one if no message says so.
   *
   * @throws ApiException if the messages have more files than the form
   */
  List<Turn> conversation(List<Part> files, List<Part> clips, String question) {
    check("files", said.stream().mapToInt(AskHistory::files).sum(), files.size());
    check("clips", said.stream().mapToInt(AskHistory::clips).sum(), clips.size());
    boolean placed =
        said.stream().anyMatch(message -> message.files() != null || message.clips() != null);
    List<Turn> turns = new ArrayList<>();
    int file = 0;
    int clip = 0;
    for (int i = 0; i <= said.size(); i++) {
      boolean last = i == said.size();
      Said message = last ? new Said("user", question, null, null) : said.get(i);
      boolean rest = placed ? last : i == 0;
      int fileEnd = rest ? files.size() : file + files(message);
      int clipEnd = rest ? clips.size() : clip + clips(message);
      Part text = new Part.Text(Objects.requireNonNull(message.text()));
      turns.add(
          new Turn(
              Objects.requireNonNull(message.role()),
              Stream.of(files.subList(file, fileEnd), clips.subList(clip, clipEnd), List.of(text))
                  .<Part>flatMap(List::stream)
                  .toList()));
      file = fileEnd;
      clip = clipEnd;
    }
    return turns;
  }

  private static void check(String name, int said, int sent) {
    if (said > sent) {
      throw ApiException.invalid(
          "history",
          "the messages of history have %d %s but the form has %d; send the files of all turns again"
              .formatted(said, name, sent));
    }
  }

  private static ApiException unreadable() {
    return ApiException.invalid(
        "history",
        "history must be a JSON array of objects with 'role' and 'text'; omit the field if there are no earlier turns");
  }
}
