package dev.squint.eval.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the clips of a benchmark are, in the layouts of its download and of harnesses.
 *
 * @param files names of clips, or of folders with their frames, with fields as in {@link Fields};
 *     {@code .*} at the end stands for the usual extensions, a folder {@code *} for any folder, and
 *     {@code {_place}} for a folder from {@code places}; the first that exists counts
 * @param by field that chooses the place; null without places
 * @param places folders by the value of that field, alternatives separated by {@code |}
 * @param cut folders whose name ends so have clips of the asked part alone; null if there are none
 * @param start field with the start of the part that is asked about, in seconds; null if all is
 * @param end field with its end
 * @param rate field with the frames per second of a folder of frames
 */
public record ClipFiles(
    List<String> files,
    @Nullable String by,
    LinkedHashMap<String, String> places,
    @Nullable String cut,
    @Nullable String start,
    @Nullable String end,
    @Nullable String rate) {

  private static final String PLACE = "{_place}";
  private static final String ANY_EXTENSION = ".*";

  /** Extensions in the order in which they are tried. */
  static final List<String> EXTENSIONS = List.of("mp4", "MP4", "mkv", "webm", "avi", "mov", "gif");

  /** Sets the defaults. */
  public ClipFiles {
    files = List.copyOf(files);
    places = places == null ? new LinkedHashMap<>() : places;
  }

  /**
   * A name to look for.
   *
   * @param name relative to the data folder
   * @param from start of the part that is asked about, in seconds
   * @param to its end; infinity for the end of the clip
   * @param framesPerSecond of a folder of frames; 0 if it is not known
   */
  record Candidate(String name, double from, double to, double framesPerSecond) {}

  /** Returns the names to look for, the preferred one first. */
  List<Candidate> candidates(Row row) {
    List<Candidate> candidates = new ArrayList<>();
    for (String file : files) {
      for (String place : places(row)) {
        boolean whole = cut == null || !place.endsWith(cut);
        double from = whole ? number(row, start, 0) : 0;
        double to = whole ? number(row, end, Double.POSITIVE_INFINITY) : Double.POSITIVE_INFINITY;
        String name = row.text(file.replace(PLACE, place));
        for (String each : extended(name)) {
          candidates.add(new Candidate(each, from, to, number(row, rate, 0)));
        }
      }
    }
    return candidates;
  }

  private List<String> places(Row row) {
    return by == null
        ? List.of("")
        : SplitFiles.alternatives(places.getOrDefault(row.text(by), row.text(by)));
  }

  private static List<String> extended(String name) {
    if (!name.endsWith(ANY_EXTENSION)) {
      return List.of(name);
    }
    String stem = name.substring(0, name.length() - ANY_EXTENSION.length());
    return EXTENSIONS.stream().map(extension -> stem + "." + extension).toList();
  }

  private static double number(Row row, @Nullable String field, double otherwise) {
    String text = field == null ? "" : row.text(field);
    return text.isEmpty() ? otherwise : Double.parseDouble(text);
  }
}
