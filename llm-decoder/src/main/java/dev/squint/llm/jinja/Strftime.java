package dev.squint.llm.jinja;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** {@code strftime} of the C library in its own locale. */
final class Strftime {

  private Strftime() {}

  static String format(LocalDateTime time, String format) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '%') {
        out.append(c);
        continue;
      }
      // GNU: no padding.
      boolean bare = format.startsWith("-", at);
      at += bare ? 1 : 0;
      if (at == format.length()) {
        throw Failure.unsupported("the time format '%s'".formatted(format));
      }
      String field = field(time, format.charAt(at++), format);
      out.append(bare ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
    }
    return out.toString();
  }

  private static String field(LocalDateTime time, char code, String format) {
    return switch (code) {
      case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'b', 'h' ->
          time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
      case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'd' -> two(time.getDayOfMonth());
      case 'e' -> "%2d".formatted(time.getDayOfMonth());
      case 'f' -> "%06d".formatted(time.getNano() / 1000);
      case 'H' -> two(time.getHour());
      case 'I' -> two(time.get(ChronoField.CLOCK_HOUR_OF_AMPM));
      case 'j' -> "%03d".formatted(time.getDayOfYear());
      case 'm' -> two(time.getMonthValue());
      case 'M' -> two(time.getMinute());
      case 'p' -> time.getHour() < 12 ? "AM" : "PM";
      case 'S' -> two(time.getSecond());
      case 'u' -> "" + time.getDayOfWeek().getValue();
      case 'w' -> "" + time.getDayOfWeek().getValue() % 7;
      case 'y' -> two(time.getYear() % 100);
      case 'Y' -> "" + time.getYear();
      case 'G' -> "" + time.get(IsoFields.WEEK_BASED_YEAR);
      case 'V' -> two(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'F' -> format(time, "%Y-%m-%d");
      case 'T' -> format(time, "%H:%M:%S");
      case 'R' -> format(time, "%H:%M");
      case 'D', 'x' -> format(time, "%m/%d/%y");
      case 'X' -> format(time, "%H:%M:%S");
      case 'c' -> format(time, "%a %b %e %H:%M:%S %Y");
      case 'z', 'Z' -> "";
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      default -> throw Failure.unsupported("%%%c of the time format '%s'".formatted(code, format));
    };
  }

  private static String two(int number) {
    return "%02d".formatted(number);
  }
}
