package dev.squint.eval.bench;

import dev.squint.vision.onnx.SessionSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** Measures thread and memory settings, each in a separate process. */
final class SettingBench {

  private static final SessionSettings DEFAULT = SessionSettings.DEFAULT;

  private SettingBench() {}

  /** Compares thread settings on four stages. */
  static Section threads(int cores, int rounds, Function<Setting, double[]> process) {
    Map<String, Setting> settings = new LinkedHashMap<>();
    settings.put(
        "a thread for each core, active for %d us (default)".formatted(DEFAULT.spinMicros()),
        new Setting(4, DEFAULT));
    settings.put("sleeping at once", new Setting(4, DEFAULT.withSpinMicros(0)));
    settings.put("active for 1,000 us", new Setting(4, DEFAULT.withSpinMicros(1000)));
    settings.put("1 thread", new Setting(4, DEFAULT.withThreads(1)));
    settings.put(
        2 * cores + " threads, twice the cores", new Setting(4, DEFAULT.withThreads(2 * cores)));
    settings.put(
        "one pool for all sessions, sleeping at once",
        new Setting(4, DEFAULT.withOwnThreads(false)));
    return measure(
        "threads",
        "Four stages; each setting in a separate process, in turn; %d rounds;"
            + " milliseconds and megabytes.",
        settings,
        rounds,
        process);
  }

  /** Compares stages with one session, and prepacked weights with memory-mapped weights. */
  static Section memory(int rounds, Function<Setting, double[]> process) {
    SessionSettings mapped = DEFAULT.withPrepacking(false);
    Map<String, Setting> settings = new LinkedHashMap<>();
    settings.put("1 session", new Setting(1, DEFAULT));
    settings.put("4 stages", new Setting(4, DEFAULT));
    settings.put("one stage per layer", new Setting(0, DEFAULT));
    settings.put("1 session, disable_prepacking", new Setting(1, mapped));
    settings.put("4 stages, disable_prepacking", new Setting(4, mapped));
    Section section =
        measure(
            "memory",
            "Private memory, and memory mapped from the package's files, that the decoder adds to its"
                + " process; %d rounds; milliseconds and megabytes.",
            settings,
            rounds,
            process);
    section.goal("4 stages by 1 session, own memory", 1.1, own(section, 1) / own(section, 0));
    section.goal("one stage per layer, own memory", 1.1, own(section, 2) / own(section, 0));
    return section;
  }

  private static double own(Section section, int row) {
    return ((Number) section.rows().get(row).getOrDefault("own memory", Double.NaN)).doubleValue();
  }

  private static Section measure(
      String name,
      String about,
      Map<String, Setting> settings,
      int rounds,
      Function<Setting, double[]> process) {
    List<Supplier<double[]>> runs = new ArrayList<>();
    settings.values().forEach(setting -> runs.add(() -> process.apply(setting)));
    Rounds measured = Rounds.cold(rounds, runs);
    Section section = new Section(name, about.formatted(rounds));
    int row = 0;
    for (String setting : settings.keySet()) {
      section.row(
          "setting", setting,
          "prefill", measured.median(row, 0),
          "ratio", measured.ratio(row, 0, 0),
          "prefill, processors", measured.median(row, 2),
          "ratio of processors", measured.ratio(row, 0, 2),
          "decode, a token", measured.median(row, 1),
          "ratio of decode", measured.ratio(row, 0, 1),
          "decode, processors", measured.median(row, 3),
          "own memory", measured.median(row, 4),
          "mapped", measured.median(row, 5));
      row++;
    }
    return section;
  }
}
