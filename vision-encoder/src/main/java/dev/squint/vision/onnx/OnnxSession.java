package dev.squint.vision.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX graph that is ready to run. It is opened by its path, so that external data in the same
 * folder is found. Inputs and outputs are those that the graph declares. Immutable and thread-safe.
 */
public final class OnnxSession implements AutoCloseable {

  private static final Map<String, String> RETURN_MEMORY =
      Map.of("memory.enable_memory_arena_shrinkage", "cpu:0");

  private final String name;
  private final OrtSession session;
  private final Placement placement;
  private final boolean hasArena;
  private final Map<String, TensorSpec> inputs;
  private final Map<String, TensorSpec> outputs;
  private final InputTensors tensors;
  private final Object closing = new Object();
  private boolean closed;

  private OnnxSession(
      String name,
      OrtSession session,
      Placement placement,
      boolean hasArena,
      Map<String, TensorSpec> inputs,
      Map<String, TensorSpec> outputs) {
    this.name = name;
    this.session = session;
    this.placement = placement;
    this.hasArena = hasArena;
    this.inputs = inputs;
    this.outputs = outputs;
    this.tensors = new InputTensors(name, inputs);
  }

  /**
   * Opens a graph.
   *
   * @throws IllegalArgumentException if the file is missing or not a graph that ONNX Runtime can
   *     run; the message has the name of the file
   * @throws DeviceUnavailableException if the device is not available or cannot run it
   */
  public static OnnxSession open(Path file, SessionSettings settings) {
    return open(file, Optional.empty(), settings);
  }

  /**
   * Opens a graph whose external data may be in another folder.
   *
   * @param weights the folder of the external data; empty if it is the graph's own folder
   * @throws IllegalArgumentException if the file is missing or not a graph that ONNX Runtime can
   *     run; the message has the name of the file
   * @throws DeviceUnavailableException if the device is not available or cannot run it
   */
  public static OnnxSession open(Path file, Optional<Path> weights, SessionSettings settings) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + " does not exist or is not a file; check the path");
    }
    String name = String.valueOf(file.getFileName());
    SessionOpener.Opened opened = new SessionOpener(file, weights, settings).open();
    OrtSession session = opened.session();
    try {
      return new OnnxSession(
          name,
          session,
          opened.placement(),
          settings.arena() && opened.placement().device().equals(Device.CPU),
          specs(session.getInputInfo()),
          specs(session.getOutputInfo()));
    } catch (OrtException | RuntimeException e) {
      try {
        session.close();
      } catch (OrtException closing) {
        e.addSuppressed(closing);
      }
      throw e instanceof RuntimeException own
          ? own
          : new IllegalArgumentException(
              "%s is not a graph that ONNX Runtime can run: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static Map<String, TensorSpec> specs(Map<String, NodeInfo> nodes) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    nodes.values().forEach(node -> specs.put(node.getName(), TensorSpec.of(node)));
    return Collections.unmodifiableMap(specs);
  }

  /** The name of the file. */
  public String name() {
    return name;
  }

  /** Where the graph is computed. */
  public Placement placement() {
    return placement;
  }

  /** The inputs of the graph by name, in the graph's order. */
  public Map<String, TensorSpec> inputs() {
    return inputs;
  }

  /** The outputs of the graph by name, in the graph's order. */
  public Map<String, TensorSpec> outputs() {
    return outputs;
  }

  /**
   * Checks that the caller can fill all inputs of the graph.
   *
   * @param known every input that the caller can fill
   * @throws IllegalArgumentException if the graph has other inputs; the message lists them
   */
  public void requireInputsAmong(Set<String> known) {
    List<TensorSpec> unknown =
        inputs.values().stream().filter(input -> !known.contains(input.name())).toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has inputs that Squint cannot fill: %s; it can fill %s"
              .formatted(name, unknown, new TreeSet<>(known)));
    }
  }

  /**
   * Makes a tensor for an input of floats. A direct buffer is used without a copy and must not be
   * changed until the tensor is closed. For an input of 16-bit floats the values are converted.
   *
   * @param values in native byte order
   * @throws IllegalArgumentException if the input is of another type or shape, or there is none
   */
  public OnnxTensor floats(String input, FloatBuffer values, long... shape) {
    return tensors.floats(input, values, shape);
  }

  /**
   * Converts a tensor of 32-bit or 16-bit floats to the type of an input. The caller closes the
   * result. Returns null if the tensor has the input's type already.
   *
   * @throws IllegalArgumentException if the input is of another type or shape, or there is none
   */
  public @Nullable OnnxTensor converted(String input, OnnxTensor tensor) {
    return tensors.converted(input, tensor);
  }

  /**
   * Makes a tensor for an input of integers.
   *
   * @throws IllegalArgumentException if the input is of another type or shape, or there is none
   */
  public OnnxTensor longs(String input, long[] values, long... shape) {
    return tensors.longs(input, values, shape);
  }

  /**
   * Makes a mask of ones for an input of booleans or integers.
   *
   * @throws IllegalArgumentException if the input is of another type or shape, or there is none
   */
  public OnnxTensor ones(String input, long... shape) {
    return tensors.mask(input, shape, element -> true);
  }

  /**
   * Makes a mask for an input of booleans or integers: 1 where a value is true, else 0.
   *
   * @param rows at least one, all of one length
   * @throws IllegalArgumentException if the input is of another type or shape, or there is none
   */
  public OnnxTensor mask(String input, List<boolean[]> rows) {
    int columns = rows.get(0).length;
    return tensors.mask(
        input,
        new long[] {rows.size(), columns},
        element -> rows.get(element / columns)[element % columns]);
  }

  /**
   * Makes a tensor of zeros of the smallest size that the input allows: each open dimension is 1.
   *
   * @throws IllegalArgumentException if there is no such input
   */
  public OnnxTensor zeros(String input) {
    return tensors.zeros(input);
  }

  /**
   * Runs the graph.
   *
   * @param tensors a value for every input; the caller still closes them
   * @param wanted names of the outputs to compute
   * @return the outputs; the caller closes them
   * @throws IllegalArgumentException if an input value is missing or the graph has no such output
   * @throws IllegalStateException if ONNX Runtime fails; the message contains the given shapes
   */
  public OrtSession.Result run(Map<String, OnnxTensor> tensors, Set<String> wanted) {
    return run(tensors, wanted, Map.of());
  }

  /**
   * Runs the graph, with tensors of the caller for some of its outputs. Such a tensor may be an
   * input too, if the operator that reads it allows that.
   *
   * @param tensors a value for every input; the caller still closes them
   * @param wanted names of the other outputs to compute
   * @param into tensors of the right shape by the name of the output; the caller still closes them
   * @return the outputs; the caller closes them
   * @throws IllegalArgumentException if an input value is missing or the graph has no such output
   * @throws IllegalStateException if ONNX Runtime fails; the message contains the given shapes
   */
  public OrtSession.Result run(
      Map<String, OnnxTensor> tensors, Set<String> wanted, Map<String, OnnxTensor> into) {
    return run(tensors, wanted, into, Map.of());
  }

  /**
   * Runs the graph as {@link #run(Map, Set)}. Then the session returns the memory that holds none
   * of the outputs to the process. The next run has to map it again, which takes as long as a few
   * operators do.
   */
  public OrtSession.Result runAndReturnMemory(Map<String, OnnxTensor> tensors, Set<String> wanted) {
    return run(tensors, wanted, Map.of(), hasArena ? RETURN_MEMORY : Map.of());
  }

  private OrtSession.Result run(
      Map<String, OnnxTensor> tensors,
      Set<String> wanted,
      Map<String, OnnxTensor> into,
      Map<String, String> settings) {
    if (!tensors.keySet().equals(inputs.keySet())) {
      throw new IllegalArgumentException(
          "%s needs the inputs %s but got %s".formatted(name, inputs.keySet(), tensors.keySet()));
    }
    Set<String> requested = new TreeSet<>(wanted);
    requested.addAll(into.keySet());
    if (!outputs.keySet().containsAll(requested)) {
      throw new IllegalArgumentException(
          "%s has the outputs %s but %s were requested"
              .formatted(name, outputs.keySet(), requested));
    }
    try {
      if (placement.device().runsInTurn()) {
        synchronized (closing) {
          return runNow(tensors, wanted, into, settings);
        }
      }
      return runNow(tensors, wanted, into, settings);
    } catch (OrtException e) {
      String given =
          tensors.entrySet().stream()
              .map(entry -> entry.getKey() + " " + shape(entry.getValue()))
              .collect(Collectors.joining(", "));
      throw failed("failed on " + given, e);
    }
  }

  private OrtSession.Result runNow(
      Map<String, OnnxTensor> tensors,
      Set<String> wanted,
      Map<String, OnnxTensor> into,
      Map<String, String> settings)
      throws OrtException {
    return Cancellation.run(
        settings,
        options ->
            options == null
                ? session.run(tensors, wanted, into)
                : session.run(tensors, wanted, into, options));
  }

  private static String shape(OnnxTensor tensor) {
    return Arrays.toString(tensor.getInfo().getShape());
  }

  private IllegalStateException failed(String what, OrtException e) {
    return new IllegalStateException("%s %s: %s".formatted(name, what, e.getMessage()), e);
  }

  /**
   * Makes the owner of this session, who closes it later. If making it fails, the session is
   * closed.
   */
  public <T> T owned(Function<OnnxSession, T> owner) {
    try {
      return owner.apply(this);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Frees the graph immediately. The graph must not be running. Closing again has no effect. */
  @Override
  public void close() {
    synchronized (closing) {
      if (closed) {
        return;
      }
      closed = true;
      try {
        session.close();
      } catch (OrtException e) {
        throw failed("cannot be closed", e);
      }
    }
  }

  /** For example {@code vision_encoder.onnx: [pixel_values FLOAT [...]] -> [...]}. */
  @Override
  public String toString() {
    return "%s: %s -> %s".formatted(name, inputs.values(), outputs.values());
  }
}
