package dev.squint.vision.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where ONNX Runtime computes a graph.
 *
 * @param kind the kind of device
 * @param number which one of several, from 0; only of {@link Kind#CUDA}
 */
public record Device(Kind kind, int number) {

  /** A kind of device. */
  public enum Kind {
    /** The processor. */
    CPU(OrtProvider.CPU, ""),
    /** GPUs of Nvidia. */
    CUDA(
        OrtProvider.CUDA,
        "put com.microsoft.onnxruntime:onnxruntime_gpu in the place of onnxruntime (build with -Pgpu)"),
    /** Apple's graphics and neural processors. */
    COREML(OrtProvider.CORE_ML, "start Squint on macOS"),
    /** GPUs under Windows. */
    DIRECTML(
        OrtProvider.DIRECT_ML,
        "put an ONNX Runtime for Java that was built with --use_dml in the place of onnxruntime"),
    /** Processors, GPUs and NPUs of Intel. */
    OPENVINO(
        OrtProvider.OPEN_VINO,
        "put an ONNX Runtime for Java that was built with --use_openvino in the place of onnxruntime"),
    /** The first of CUDA and DirectML that can run the graph, else the processor. */
    AUTO(OrtProvider.CPU, "");

    private final OrtProvider provider;
    private final String advice;

    Kind(OrtProvider provider, String advice) {
      this.provider = provider;
      this.advice = advice;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The processor. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  /** The fastest device that can run the graph. */
  public static final Device AUTO = new Device(Kind.AUTO, 0);

  /** CoreML and OpenVINO take parts of graphs, which may be slower: only by name. */
  private static final List<Kind> AUTOMATIC = List.of(Kind.CUDA, Kind.DIRECTML);

  private static final Pattern FORM = Pattern.compile("([a-z]+)(?::([0-9]{1,4}))?");

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is negative, or the kind has no numbers
   */
  public Device {
    if (number < 0 || (number > 0 && kind != Kind.CUDA)) {
      throw new IllegalArgumentException(
          "%s:%d is no device; only cuda takes a number from 0, as in cuda:1"
              .formatted(kind, number));
    }
  }

  /**
   * Reads {@code cpu}, {@code cuda}, {@code cuda:1}, {@code coreml}, {@code directml}, {@code
   * openvino} or {@code auto}.
   *
   * @throws IllegalArgumentException if there is no such device; the message lists all
   */
  public static Device parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (form.matches()) {
      for (Kind kind : Kind.values()) {
        if (kind.toString().equals(form.group(1)) && (form.group(2) == null || kind == Kind.CUDA)) {
          return new Device(kind, form.group(2) == null ? 0 : Integer.parseInt(form.group(2)));
        }
      }
    }
    throw new IllegalArgumentException(
        "no device is called '%s'; there are %s, and cuda:N for one of several"
            .formatted(
                text,
                Arrays.stream(Kind.values())
                    .map(Kind::toString)
                    .collect(Collectors.joining(", "))));
  }

  /** The kinds that this ONNX Runtime was built for; whether there is such a device is unknown. */
  public static List<Kind> available() {
    EnumSet<OrtProvider> providers = OrtEnvironment.getAvailableProviders();
    return Arrays.stream(Kind.values())
        .filter(kind -> kind != Kind.AUTO && providers.contains(kind.provider))
        .toList();
  }

  /**
   * Checks that this ONNX Runtime was built for the device.
   *
   * @throws DeviceUnavailableException if not; the message says what it was built for
   */
  public void requireAvailable() {
    requireAmong(available());
  }

  void requireAmong(List<Kind> available) {
    if (kind != Kind.AUTO && !available.contains(kind)) {
      throw new DeviceUnavailableException(
          "device '%s' is not available: this ONNX Runtime runs on %s; choose one of these or auto, or %s"
              .formatted(this, names(available), kind.advice));
    }
  }

  static String names(List<Kind> kinds) {
    return kinds.stream().map(Kind::toString).collect(Collectors.joining(", "));
  }

  /** The devices to try in this order, without {@link #AUTO}. */
  List<Device> candidates(List<Kind> available) {
    if (kind != Kind.AUTO) {
      return List.of(this);
    }
    List<Device> candidates = new ArrayList<>();
    AUTOMATIC.stream()
        .filter(available::contains)
        .forEach(each -> candidates.add(new Device(each, 0)));
    candidates.add(CPU);
    return candidates;
  }

  /** Whether tensors of Java are the device's own memory, so that it can write into them. */
  public boolean sharesMemory() {
    return kind == Kind.CPU;
  }

  /** Whether a session may run on one thread at a time only. */
  boolean runsInTurn() {
    return kind == Kind.DIRECTML;
  }

  /** Adds the device's provider to a session; the processor is always there. */
  void addTo(OrtSession.SessionOptions options) throws OrtException {
    switch (kind) {
      case CUDA -> {
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(number)) {
          // Without these, products of fp32 have 10 bits, and each new size of a picture is tuned.
          cuda.add("use_tf32", "0");
          cuda.add("cudnn_conv_algo_search", "HEURISTIC");
          options.addCUDA(cuda);
        }
      }
      case COREML -> options.addCoreML();
      case DIRECTML -> {
        options.setMemoryPatternOptimization(false);
        options.addDirectML(number);
      }
      case OPENVINO -> options.addOpenVINO("");
      case CPU, AUTO -> {
        // The processor takes what no other provider does.
      }
    }
  }

  @Override
  public String toString() {
    return number == 0 ? kind.toString() : kind + ":" + number;
  }
}
