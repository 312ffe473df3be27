package dev.squint.webapp.answering;

import java.util.List;

/**
 * Ends an answer before the first stop text. Text that may be the start of a stop text is held back
 * until the next piece decides. The instance is for one answer.
 */
final class StopTexts {

  private final List<String> stops;
  private String held = "";
  private boolean reached;

  StopTexts(List<String> stops) {
    this.stops = stops;
  }

  /** Whether a stop text was reached. */
  boolean reached() {
    return reached;
  }

  /** Adds the next piece of an answer and returns the text that can be shown. */
  String add(String piece) {
    if (reached) {
      return "";
    }
    String text = held + piece;
    int end = firstStop(text);
    if (end >= 0) {
      reached = true;
      held = "";
      return text.substring(0, end);
    }
    int shown = text.length() - longestBeginning(text);
    held = text.substring(shown);
    return text.substring(0, shown);
  }

  /** Returns the held-back text at the end of an answer without a stop text. */
  String end() {
    String rest = held;
    held = "";
    return rest;
  }

  private int firstStop(String text) {
    return stops.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
  }

  /** Length of the longest suffix of the text that is a prefix of a stop text. */
  private int longestBeginning(String text) {
    int longest = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, text.length()); length > longest; length--) {
        if (text.regionMatches(text.length() - length, stop, 0, length)) {
          longest = length;
        }
      }
    }
    return longest;
  }
}
