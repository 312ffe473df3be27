package dev.squint.vision.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Opens a graph on the device of its settings.
 *
 * @param file the graph
 * @param weights the folder of its external data; empty if it is the graph's own folder
 */
record SessionOpener(Path file, Optional<Path> weights, SessionSettings settings) {

  /** The folders of a native library; names of nodes have slashes too, and stay. */
  private static final Pattern LIBRARY =
      Pattern.compile(
          "(?:[A-Za-z]:)?[/\\\\](?:[^\\s/\\\\:](?:[^/\\\\:\\r\\n]*[^\\s/\\\\:])?[/\\\\])*(?=[^\\s/\\\\:]+\\.(?:so|dll|dylib)\\b)");

  private static final Pattern SOURCE =
      Pattern.compile("^.*\\[ONNXRuntimeError\\] : \\d+ : \\w+ : ", Pattern.DOTALL);

  /** A session and where it runs. */
  record Opened(OrtSession session, Placement placement) {}

  /** Creates a session on one device. */
  @FunctionalInterface
  interface Creator {
    OrtSession create(Device device) throws OrtException;
  }

  /**
   * Opens the graph.
   *
   * @throws IllegalArgumentException if it is not a graph that ONNX Runtime can run
   * @throws DeviceUnavailableException if the device is not available or cannot run it
   */
  Opened open() {
    return open(Device.available(), this::create);
  }

  Opened open(List<Device.Kind> available, Creator creator) {
    settings.device().requireAmong(available);
    List<String> refusals = new ArrayList<>();
    for (Device device : settings.device().candidates(available)) {
      try {
        return new Opened(
            creator.create(device), new Placement(device, note(device, available, refusals)));
      } catch (OrtException e) {
        String reason = reason(e);
        if (device.equals(Device.CPU)) {
          throw new IllegalArgumentException(
              "%s is not a graph that ONNX Runtime can run: %s".formatted(name(), reason), e);
        }
        if (settings.device().kind() != Device.Kind.AUTO) {
          throw new DeviceUnavailableException(
              "device '%s' cannot run %s: %s; choose cpu, or auto to fall back to it"
                  .formatted(device, name(), plain(reason)),
              e);
        }
        refusals.add("%s cannot (%s)".formatted(device, plain(reason)));
      }
    }
    throw new IllegalStateException("the processor is always tried last");
  }

  private Optional<String> note(Device device, List<Device.Kind> available, List<String> refusals) {
    if (settings.device().kind() != Device.Kind.AUTO
        || (refusals.isEmpty() && !device.equals(Device.CPU))) {
      return Optional.empty();
    }
    String why =
        refusals.isEmpty()
            ? "this ONNX Runtime has no other for auto, only " + Device.names(available)
            : String.join("; ", refusals);
    return Optional.of("%s runs on %s: %s".formatted(name(), device, why));
  }

  private OrtSession create(Device device) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(settings.operatorThreads());
      int micros = settings.spinMicros();
      options.addConfigEntry("session.intra_op.allow_spinning", micros > 0 ? "1" : "0");
      if (micros > 0) {
        options.addConfigEntry("session.intra_op.spin_duration_us", String.valueOf(micros));
      }
      options.addConfigEntry("session.disable_prepacking", settings.prepacking() ? "0" : "1");
      options.setCPUArenaAllocator(settings.arena());
      if (!settings.ownThreads()) {
        options.disablePerSessionThreads();
      }
      if (weights.isPresent()) {
        options.addConfigEntry(OnnxRuntime.WEIGHTS_FOLDER, weights.get().toString());
      }
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      device.addTo(options);
      return OnnxRuntime.environment().createSession(file.toString(), options);
    }
  }

  private String name() {
    return String.valueOf(file.getFileName());
  }

  /** The message without folders of this machine. */
  private String reason(OrtException e) {
    String message = String.valueOf(e.getMessage()).replace(file.toString(), name());
    for (String folder : folders()) {
      message = message.replace(folder + "/", "").replace(folder + "\\", "").replace(folder, "");
    }
    return withoutLibraries(message);
  }

  /** The folders of the graph and of its weights, as ONNX Runtime may write them. */
  private List<String> folders() {
    Set<String> folders = new LinkedHashSet<>();
    for (Path folder : List.of(weights.orElse(file.resolveSibling("")), file.resolveSibling(""))) {
      Path absolute = folder.toAbsolutePath().normalize();
      folders.add(absolute.toString());
      try {
        folders.add(absolute.toRealPath().toString());
      } catch (IOException e) {
        // It has no other name.
      }
    }
    // A root is no name of a folder, and a shorter name may begin a longer one.
    return folders.stream()
        .filter(folder -> folder.length() > 1)
        .sorted(Comparator.comparing(String::length).reversed())
        .toList();
  }

  /** A message of a device without the places in ONNX Runtime's sources where it failed. */
  static String plain(String message) {
    return SOURCE.matcher(message).replaceFirst("").strip();
  }

  static String withoutLibraries(String message) {
    return LIBRARY.matcher(message).replaceAll("");
  }
}
