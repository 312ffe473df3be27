package dev.squint.vision.onnx.graph;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.squint.vision.onnx.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Runs decoders, whole or in stages, each with the cache of its own layers. */
final class Runs implements AutoCloseable {

  /** A tensor's values and shape. */
  record Floats(float[] values, long[] shape) {

    /** Numbers drawn from a normal distribution. */
    static Floats random(long seed, long... shape) {
      Random random = new Random(seed);
      float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return new Floats(values, shape);
    }

    /** The chosen rows of [1, S, D]. */
    Floats rows(int... rows) {
      int size = (int) shape[2];
      float[] picked = new float[rows.length * size];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(values, rows[i] * size, picked, i * size, size);
      }
      return new Floats(picked, new long[] {1, rows.length, size});
    }
  }

  /** Outputs by name. */
  record Outputs(Map<String, Floats> tensors) {

    Floats get(String name) {
      Floats tensor = tensors.get(name);
      if (tensor == null) {
        throw new IllegalStateException("no " + name + " but " + tensors.keySet());
      }
      return tensor;
    }

    boolean has(String name) {
      return tensors.containsKey(name);
    }

    Set<String> names() {
      return tensors.keySet();
    }
  }

  private static final OrtEnvironment ENVIRONMENT = OnnxRuntime.environment();

  private final List<OrtSession> sessions = new ArrayList<>();
  private final List<Map<String, Floats>> caches = new ArrayList<>();

  /** A graph as it is. */
  static Runs whole(Path file) {
    return new Runs(List.of(file), Optional.empty());
  }

  /** A graph in stages. */
  static Runs staged(CutGraph cut) {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < cut.stages().size(); i++) {
      files.add(cut.file(i));
    }
    return new Runs(files, cut.weights());
  }

  Runs(List<Path> files, Optional<Path> weights) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      if (weights.isPresent()) {
        options.addConfigEntry(OnnxRuntime.WEIGHTS_FOLDER, weights.get().toString());
      }
      for (Path file : files) {
        sessions.add(ENVIRONMENT.createSession(file.toString(), options));
        caches.add(new HashMap<>());
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  int stages() {
    return sessions.size();
  }

  /** Inputs of a stage. */
  Set<String> inputs(int stage) {
    return sessions.get(stage).getInputNames();
  }

  /** The cache of a stage by name of its output. */
  Outputs cache(int stage) {
    return new Outputs(caches.get(stage));
  }

  /** Runs all stages on the same tokens; outputs of all stages by name. */
  Outputs step(Floats hidden, long... positions) {
    Map<String, Floats> all = new LinkedHashMap<>();
    Floats input = hidden;
    for (int stage = 0; stage < sessions.size(); stage++) {
      Outputs outputs = step(stage, input, positions);
      all.putAll(outputs.tensors());
      input = outputs.has("hidden_states") ? outputs.get("hidden_states") : input;
    }
    return new Outputs(all);
  }

  /** Runs one stage of a decoder on new tokens and keeps its cache. */
  Outputs step(int stage, Floats hidden, long... positions) {
    int length = cached(stage);
    Map<String, Floats> floats = new HashMap<>(Map.of("inputs_embeds", hidden));
    long[] mask = new long[length + positions.length];
    Arrays.fill(mask, 1);
    Map<String, long[]> longs = Map.of("attention_mask", mask, "position_ids", positions);
    return run(stage, floats, longs);
  }

  private int cached(int stage) {
    return caches.get(stage).values().stream()
        .mapToInt(c -> (int) c.shape()[2])
        .findAny()
        .orElse(0);
  }

  /** Runs one stage on what is given; caches, row numbers and counts are filled in. */
  Outputs run(int stage, Map<String, Floats> floats, Map<String, long[]> longs) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      OrtSession session = sessions.get(stage);
      for (var entry : session.getInputInfo().entrySet()) {
        String name = entry.getKey();
        TensorInfo info = (TensorInfo) entry.getValue().getInfo();
        @Nullable Floats given = floats.get(name);
        long @Nullable [] numbers = longs.get(name);
        if (given != null) {
          inputs.put(name, tensor(given, info.type));
        } else if (name.equals("tap_rows") && numbers != null) {
          inputs.put(name, tensor(numbers, numbers.length));
        } else if (numbers != null) {
          inputs.put(name, tensor(numbers, 1, numbers.length));
        } else if (name.equals("num_logits_to_keep")) {
          inputs.put(name, tensor(new long[] {0}));
        } else if (name.equals("tap_rows")) {
          inputs.put(name, tensor(new long[] {-1}, 1));
        } else if (name.equals("row_places")) {
          long[] hidden = Objects.requireNonNull(floats.get("hidden_states")).shape();
          long[] each = LongStream.range(0, hidden[0] * hidden[1]).toArray();
          inputs.put(name, tensor(each, hidden[0], hidden[1]));
        } else if (name.startsWith("past_key_values.")) {
          String present = name.replace("past_key_values", "present");
          long[] shape = info.getShape();
          Floats empty = new Floats(new float[0], new long[] {1, shape[1], 0, shape[3]});
          inputs.put(name, tensor(caches.get(stage).getOrDefault(present, empty), info.type));
        } else {
          throw new IllegalStateException("nothing for " + name);
        }
      }
      Map<String, Floats> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(inputs)) {
        for (var entry : result) {
          OnnxTensor value = (OnnxTensor) entry.getValue();
          FloatBuffer buffer = value.getFloatBuffer();
          float[] values = new float[buffer.remaining()];
          buffer.get(values);
          Floats output = new Floats(values, value.getInfo().getShape());
          outputs.put(entry.getKey(), output);
          if (entry.getKey().startsWith("present.")) {
            caches.get(stage).put(entry.getKey(), output);
          }
        }
      }
      return new Outputs(outputs);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor tensor(Floats floats, OnnxJavaType type) throws OrtException {
    if (type != OnnxJavaType.FLOAT) {
      throw new IllegalStateException("not float but " + type);
    }
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(floats.values().length * Float.BYTES)
            .order(ByteOrder.nativeOrder());
    FloatBuffer buffer = bytes.asFloatBuffer().put(floats.values()).flip();
    return OnnxTensor.createTensor(ENVIRONMENT, buffer, floats.shape());
  }

  private static OnnxTensor tensor(long[] values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(ENVIRONMENT, LongBuffer.wrap(values), shape);
  }

  @Override
  public void close() {
    for (OrtSession session : sessions) {
      try {
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
