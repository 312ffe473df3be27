package dev.squint.eval.task;

import dev.squint.eval.data.Question;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The prompt of a benchmark.
 *
 * @param template text with {question}, {hint} and {options}; lines that become empty are removed
 */
public record TaskPrompt(String template) {

  /** Returns the prompt for a question; options as "A. red", one per line. */
  public String text(Question question) {
    String options =
        IntStream.range(0, question.options().size())
            .mapToObj(i -> Question.letter(i) + ". " + question.options().get(i))
            .collect(Collectors.joining("\n"));
    return template
        .strip()
        .lines()
        .filter(line -> !empty(line, "{hint}", question.hint()))
        .filter(line -> !empty(line, "{options}", options))
        .map(
            line ->
                line.replace("{hint}", question.hint())
                    .replace("{options}", options)
                    .replace("{question}", question.text()))
        .collect(Collectors.joining("\n"));
  }

  private static boolean empty(String line, String name, String value) {
    return line.contains(name) && value.isBlank();
  }
}
