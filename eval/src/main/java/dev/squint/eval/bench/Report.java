package dev.squint.eval.bench;

import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.Machine;
import dev.squint.eval.run.Versions;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of a benchmark.
 *
 * @param model name of the model; says so if the weights are random
 * @param note a remark about the model for every reader
 * @param command the command line
 * @param written date of the run
 * @param load load average of the last minute at the end of the run; -1 where unknown
 */
public record Report(
    String model,
    @Nullable String note,
    String command,
    String written,
    Machine machine,
    double load,
    Map<String, String> versions,
    List<Section> sections) {

  static Report of(String model, @Nullable String note, String command, List<Section> sections) {
    return new Report(
        model,
        note,
        command,
        Instant.now().toString(),
        Machine.here(),
        java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        Versions.here(),
        sections);
  }

  /** Writes {@code NAME.json} and {@code NAME.md}. */
  public void write(Path name) {
    JsonFiles.write(name.resolveSibling(name.getFileName() + ".json"), this);
    JsonFiles.writeText(name.resolveSibling(name.getFileName() + ".md"), markdown());
  }

  /** Returns the report as Markdown. */
  public String markdown() {
    StringBuilder text = new StringBuilder("# Speed of %s\n\n".formatted(model));
    if (note != null) {
      text.append("**").append(note).append(".**\n\n");
    }
    text.append("`%s`\n\n".formatted(command))
        .append(
            "%s, %d cores, load %.1f, %s, Java %s, %s; %s\n"
                .formatted(
                    machine.processor(),
                    machine.cores(),
                    load,
                    machine.system(),
                    machine.java(),
                    versions,
                    written));
    for (Section section : sections) {
      text.append("\n## ").append(section.name()).append("\n\n").append(section.about());
      text.append("\n\n");
      if (!section.rows().isEmpty()) {
        table(text, section.rows());
      }
      for (Section.Goal goal : section.goals()) {
        text.append(
            "- %s: %s (goal: at most %s): **%s**\n"
                .formatted(
                    goal.goal(),
                    cell(goal.measured()),
                    cell(goal.atMost()),
                    goal.met() ? "met" : "missed"));
      }
    }
    return text.toString();
  }

  private static void table(StringBuilder text, List<Map<String, Object>> rows) {
    List<String> columns = List.copyOf(rows.get(0).keySet());
    text.append("| ").append(String.join(" | ", columns)).append(" |\n|");
    for (int i = 0; i < columns.size(); i++) {
      text.append(i == 0 ? " --- |" : " ---: |");
    }
    text.append('\n');
    for (Map<String, Object> row : rows) {
      text.append('|');
      row.values().forEach(value -> text.append(' ').append(cell(value)).append(" |"));
      text.append('\n');
    }
    text.append('\n');
  }

  private static String cell(Object value) {
    if (value instanceof Double number) {
      return String.format(Locale.ROOT, Math.abs(number) < 100 ? "%.3f" : "%.0f", number);
    }
    return String.valueOf(value);
  }
}
