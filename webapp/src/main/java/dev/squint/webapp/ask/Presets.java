package dev.squint.webapp.ask;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.webapp.ServerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.json.JsonMapper;

/**
 * The plans that are offered by name: those of a calibration of the model, or else of a table. Of
 * several plans for one name, the first that the model supports is offered.
 */
@Component
final class Presets {

  /** Presets of models by their names; those of the empty name suit all models. */
  private record Entry(String model, List<Preset> presets) {}

  /** The parts that are used of a file of {@code squint calibrate}. */
  private record Calibration(
      String model, int questions, Map<String, String> plans, Map<String, Figures> figures) {

    /** Shares of unchanged answers and of visual tokens per layer, both in [0, 1]. */
    @JsonNaming(SnakeCaseStrategy.class)
    private record Figures(double agreement, double layerShare) {}
  }

  private static final String TABLE = "presets.json";
  // Routers are named in plans and are not measured, so they are no preset.
  private static final String ROUTERS = ".safetensors";
  private static final Preset EXACT = new Preset("exact", "none", null);

  private final List<Entry> entries = new ArrayList<>();

  Presets(JsonMapper json, ServerSettings settings) {
    JsonMapper lenient =
        json.rebuild().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    settings.calibrations().stream()
        .filter(file -> !file.endsWith(ROUTERS))
        .forEach(file -> entries.add(calibrated(lenient, Path.of(file))));
    try (InputStream table = Presets.class.getResourceAsStream(TABLE)) {
      entries.addAll(List.of(json.readValue(Objects.requireNonNull(table, TABLE), Entry[].class)));
    } catch (IOException e) {
      throw new UncheckedIOException(TABLE + " cannot be read", e);
    }
  }

  /** The presets of a model, {@code exact} first. */
  List<Preset> of(VisionLanguageModel model) {
    String name = model.model().name();
    List<Preset> known =
        entries.stream()
            .filter(entry -> entry.model().equals(name) || entry.model().isEmpty())
            .flatMap(entry -> entry.presets().stream())
            .filter(preset -> isSupported(preset.plan(), model))
            .toList();
    return Stream.concat(
            Stream.of(EXACT),
            Stream.of("balanced", "fast")
                .flatMap(
                    wanted ->
                        known.stream().filter(preset -> preset.name().equals(wanted)).limit(1)))
        .toList();
  }

  private static boolean isSupported(String plan, VisionLanguageModel model) {
    try {
      model.check(PruningPlan.parse(plan));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The default plan is balanced; the one with the fewest tokens per layer is fast. */
  private static Entry calibrated(JsonMapper json, Path file) {
    Calibration calibration;
    try {
      calibration = json.readValue(Files.readAllBytes(file), Calibration.class);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "squint.calibrations names '%s', which cannot be read; 'squint calibrate --out %s' makes it"
              .formatted(file, file),
          e);
    } catch (JacksonException e) {
      throw noCalibration(file);
    }
    if (calibration == null || calibration.plans() == null || calibration.figures() == null) {
      throw noCalibration(file);
    }
    List<Preset> presets = new ArrayList<>();
    add(presets, "balanced", calibration, "default");
    calibration.figures().entrySet().stream()
        .filter(entry -> !entry.getKey().equals("default"))
        .min(Comparator.comparingDouble(entry -> entry.getValue().layerShare()))
        .ifPresent(entry -> add(presets, "fast", calibration, entry.getKey()));
    return new Entry(calibration.model(), presets);
  }

  private static void add(
      List<Preset> presets, String name, Calibration calibration, String planName) {
    String plan = calibration.plans().get(planName);
    Calibration.@Nullable Figures figures = calibration.figures().get(planName);
    if (plan != null && figures != null) {
      presets.add(
          new Preset(
              name,
              plan,
              new Preset.Measured(
                  calibration.questions(),
                  null,
                  null,
                  100 * figures.agreement(),
                  null,
                  figures.layerShare())));
    }
  }

  private static IllegalArgumentException noCalibration(Path file) {
    return new IllegalArgumentException(
        "squint.calibrations names '%s', which is not a file of 'squint calibrate' or one of an older version; run the command again"
            .formatted(file));
  }
}
