package dev.squint.eval.cli;

import dev.squint.eval.task.ClipFiles;
import dev.squint.eval.task.Layout;
import dev.squint.eval.task.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Describes the files of a benchmark. */
final class TaskText {

  private TaskText() {}

  /** Returns the accepted names of the first file of the default split. */
  static String files(Task task) {
    if (task.splits().isEmpty()) {
      return task.get().strip();
    }
    List<String> files = task.splits().values().iterator().next().files();
    return alternatives(files.get(0))
        + (files.size() == 1 ? "" : " and %d more".formatted(files.size() - 1));
  }

  /** Returns all accepted file names, their source and where to get them. */
  static String of(Task task) {
    StringBuilder text = new StringBuilder("%s: %s\n".formatted(task.name(), task.title()));
    for (Layout layout : task.layouts()) {
      if (!layout.splits().isEmpty()) {
        text.append(
            layout.repository() == null
                ? "  official download:\n"
                : "  Hugging Face Hub, %s:\n".formatted(layout.repository()));
        layout.splits().forEach((name, split) -> describe(name, split, text));
        text.append("    pictures: %s\n".formatted(alternatives(layout.fields().pictures())));
        describe(layout.fields().clips(), text);
      }
    }
    return text.append("  download: %s\n".formatted(oneLine(task.get())))
        .append("  source of the names: %s\n".formatted(oneLine(task.source())))
        .toString();
  }

  private static void describe(String name, Task.Split split, StringBuilder text) {
    for (String file : split.files()) {
      text.append("    split %s: %s\n".formatted(name, alternatives(file)));
    }
    Task.Join join = split.join();
    if (join != null) {
      text.append("    split %s, with: %s\n".formatted(name, alternatives(join.file())));
    }
  }

  private static void describe(@Nullable ClipFiles clips, StringBuilder text) {
    if (clips == null) {
      return;
    }
    text.append("    or clips: %s\n".formatted(String.join(" or ", clips.files())));
    clips
        .places()
        .forEach(
            (value, places) ->
                text.append("      {_place} of %s: %s\n".formatted(value, alternatives(places))));
  }

  private static String alternatives(String names) {
    return names.replace("|", " or ");
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
