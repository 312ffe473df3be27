package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TrainedWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads and writes small files in the safetensors format: eight bytes with the length of a JSON
 * header, the header, the tensors. Of the types float32 and float16, of the shapes numbers, vectors
 * and matrices.
 */
final class Safetensors {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Safetensors() {}

  /**
   * All tensors of a file by their names; a vector is a matrix of one row.
   *
   * @throws IllegalArgumentException saying what is wrong with the file
   */
  static TrainedWeights read(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      long length = bytes.remaining() < Long.BYTES ? -1 : bytes.getLong();
      if (length < 2 || length > bytes.remaining()) {
        throw new IllegalArgumentException("is no safetensors file: its header has no such length");
      }
      byte[] header = new byte[(int) length];
      bytes.get(header);
      ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
      Map<String, Matrix> tensors = new LinkedHashMap<>();
      JSON.readTree(new String(header, StandardCharsets.UTF_8))
          .properties()
          .forEach(
              entry -> {
                if (!entry.getKey().equals("__metadata__")) {
                  tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue(), data));
                }
              });
      return new TrainedWeights(tensors);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot be read: " + e.getMessage(), e);
    }
  }

  /** Writes tensors as float32 matrices; {@link #read} reads them. */
  static void write(Path file, Map<String, Matrix> tensors) {
    write(file, tensors, Map.of());
  }

  /**
   * Writes tensors as float32 matrices; {@link #read} reads them.
   *
   * @param about the file's metadata
   */
  static void write(Path file, Map<String, Matrix> tensors, Map<String, String> about) {
    ObjectNode header = JSON.createObjectNode();
    if (!about.isEmpty()) {
      ObjectNode metadata = header.putObject("__metadata__");
      about.forEach(metadata::put);
    }
    int end = 0;
    for (Map.Entry<String, Matrix> tensor : tensors.entrySet()) {
      Matrix matrix = tensor.getValue();
      ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
      entry.putArray("shape").add(matrix.rows()).add(matrix.cols());
      int begin = end;
      end += Float.BYTES * matrix.data().length;
      entry.putArray("data_offsets").add(begin).add(end);
    }
    // The tensors must begin at a multiple of eight bytes; the format allows spaces before them.
    String text = header.toString();
    byte[] padded =
        (text + " ".repeat(Math.floorMod(-text.length(), Long.BYTES)))
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + padded.length + end).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded.length).put(padded);
    for (Matrix matrix : tensors.values()) {
      for (float value : matrix.data()) {
        bytes.putFloat(value);
      }
    }
    try {
      Files.write(file, bytes.array());
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be written".formatted(file), e);
    }
  }

  private static Matrix tensor(String name, JsonNode about, ByteBuffer data) {
    String type = about.path("dtype").asText();
    JsonNode shape = about.path("shape");
    boolean half = type.equals("F16");
    if (!(half || type.equals("F32")) || shape.size() > 2) {
      throw new IllegalArgumentException(
          "has the tensor '%s' of type %s and shape %s; matrices and vectors of F32 and F16 are read"
              .formatted(name, type, shape));
    }
    int rows = shape.size() == 2 ? shape.path(0).asInt() : 1;
    int cols = shape.size() == 0 ? 1 : shape.path(shape.size() - 1).asInt();
    int begin = about.path("data_offsets").path(0).asInt(-1);
    int end = about.path("data_offsets").path(1).asInt(-1);
    int each = half ? Short.BYTES : Float.BYTES;
    if (begin < 0 || end > data.capacity() || end - begin != (long) each * rows * cols) {
      throw new IllegalArgumentException(
          "has the tensor '%s' of shape %s at bytes %d to %d of %d"
              .formatted(name, shape, begin, end, data.capacity()));
    }
    float[] values = new float[rows * cols];
    ByteBuffer bytes = data.slice(begin, end - begin).order(ByteOrder.LITTLE_ENDIAN);
    if (half) {
      for (int i = 0; i < values.length; i++) {
        values[i] = ofHalf(bytes.getShort(i * Short.BYTES));
      }
    } else {
      bytes.asFloatBuffer().get(values);
    }
    return new Matrix(rows, cols, values);
  }

  /** A float16: one bit of sign, five of exponent, ten of fraction (IEEE 754, binary16). */
  static float ofHalf(short bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    float magnitude =
        exponent == 31
            ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
            : exponent == 0
                ? fraction * 0x1p-24f
                : Math.scalb((float) (1024 + fraction), exponent - 25);
    return bits < 0 ? -magnitude : magnitude;
  }
}
