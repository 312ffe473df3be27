package dev.squint.eval.report;

import java.util.List;
import java.util.stream.Collectors;

/** Texts in Python's syntax, as harnesses write lists into a cell. */
final class PythonText {

  private PythonText() {}

  /** Returns a single text as it is, several as a list. */
  static String oneOrList(List<String> texts) {
    return texts.size() == 1 ? texts.get(0) : list(texts);
  }

  /** Returns a list as Python prints it, {@code ['a', 'it\'s']}. */
  static String list(List<String> texts) {
    return texts.stream()
        .map(
            text ->
                "'"
                    + text.replace("\\", "\\\\")
                        .replace("'", "\\'")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                    + "'")
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
