package dev.squint.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.model.RouterWeights;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.method.depth.GSearch;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.RouterStep;
import dev.squint.pruner.plan.ScheduleStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The files of {@code squint calibrate} that plans may name, as in {@code
 * decoder:g-search(file=tiny.json)} and {@code decoder:p-mod(file=tiny.safetensors)}.
 */
public final class CalibrationFiles {

  /** Every file that can be read, by its path; for plans of whoever may read these files. */
  public static final CalibrationFiles ANY = new CalibrationFiles(CalibrationFiles::path);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PLAN = "g-search";

  private final Function<String, Path> find;

  // A plan is expanded for each question.
  private final FileMemo<TrainedWeights> routers = new FileMemo<>();
  private final FileMemo<JsonNode> calibrations = new FileMemo<>();

  private CalibrationFiles(Function<String, Path> find) {
    this.find = find;
  }

  /** These files alone, by their names without folders; for plans of others. */
  public static CalibrationFiles of(List<Path> files) {
    List<Path> all = List.copyOf(files);
    return new CalibrationFiles(
        name ->
            all.stream()
                .filter(file -> name.equals(String.valueOf(file.getFileName())))
                .findFirst()
                .orElseThrow(() -> unknown(name, all)));
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'%s' is no name of a file".formatted(name), e);
    }
  }

  private static IllegalArgumentException unknown(String name, List<Path> all) {
    return new IllegalArgumentException(
        "no calibration is called '%s'; there are %s"
            .formatted(name, all.stream().map(Path::getFileName).toList()));
  }

  /**
   * A plan with the steps or the weights of the file that it names; itself if it names none.
   *
   * @param layers layers of the decoder, L, read where a file is named; 0 for one that is not open
   * @throws IllegalArgumentException if the file cannot be read, is no calibration, or is that of a
   *     decoder with another number of layers
   */
  PruningPlan expanded(PruningPlan plan, IntSupplier layers) {
    RouterStep router = plan.router();
    if (router != null && router.file().isGiven() && router.read() == null) {
      return plan.withRouter(read(router, layers));
    }
    ScheduleStep step = plan.schedule();
    if (step == null || !(step.schedule() instanceof GSearch search) || !search.isFromFile()) {
      return plan;
    }
    String name = search.file();
    JsonNode calibration = read(find.apply(name), name);
    JsonNode schedule = calibration.path("plans").path(PLAN);
    if (!schedule.isTextual() || !calibration.path("layers").isInt()) {
      throw noCalibration(name, null);
    }
    checkLayers(name, calibration.path("layers").intValue(), layers.getAsInt());
    return plan.written(schedule.textValue());
  }

  private static void checkLayers(String name, int calibrated, int own) {
    if (own > 0 && calibrated != own) {
      throw new IllegalArgumentException(
          "'%s' was made for a decoder of %d layers, but this one has %d; make one with 'squint calibrate'"
              .formatted(name, calibrated, own));
    }
  }

  private RouterStep read(RouterStep step, IntSupplier layers) {
    String name = step.file().file();
    Path file = find.apply(name);
    if (!Files.isReadable(file)) {
      throw noRouters(name, null);
    }
    RouterStep read;
    int calibrated;
    try {
      TrainedWeights weights = routers.get(file, RouterWeights::read);
      calibrated = RouterWeights.layers(weights);
      read = step.reading(weights);
    } catch (IOException e) {
      throw noRouters(name, e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is not a file of 'squint calibrate --routers': %s".formatted(name, e.getMessage()),
          e);
    }
    checkLayers(name, calibrated, layers.getAsInt());
    return read;
  }

  private static IllegalArgumentException noRouters(String name, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "'%s' cannot be read; 'squint calibrate --routers --out FILE' makes routers"
            .formatted(name),
        cause);
  }

  private JsonNode read(Path file, String name) {
    try {
      return calibrations.get(file, each -> JSON.readTree(Files.readString(each)));
    } catch (JsonProcessingException e) {
      throw noCalibration(name, e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "'%s' cannot be read; 'squint calibrate --out FILE' makes a calibration".formatted(name),
          e);
    }
  }

  private static IllegalArgumentException noCalibration(String name, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "'%s' is not a file of 'squint calibrate'".formatted(name), cause);
  }
}
