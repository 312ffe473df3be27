package dev.squint.webapp.answering;

import java.util.List;

/**
 * Ends an answer before the first of some texts. Holds back what may be the beginning of one, so
 * that nothing of it is ever shown. Made for one answer.
 */
final class StopTexts {

  private final List<String> stops;
  private String held = "";
  private boolean reached;

  StopTexts(List<String> stops) {
    this.stops = stops;
  }

  /** Whether one of the texts came; nothing is shown after it. */
  boolean reached() {
    return reached;
  }

  /** Takes the next piece of an answer and gives what of it can be shown. */
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

  /** What was held back when the answer ended without one of the texts. */
  String end() {
    String rest = held;
    held = "";
    return rest;
  }

  private int firstStop(String text) {
    return stops.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
  }

  /** Length of the longest end of the text with which one of the stops begins. */
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
