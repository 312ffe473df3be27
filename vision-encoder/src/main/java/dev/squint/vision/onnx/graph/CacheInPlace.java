package dev.squint.vision.onnx.graph;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a decoder graph can write new keys and values into the tensors of its cache. {@code
 * GroupQueryAttention} can: if past and present are one tensor, longer than the tokens that it
 * holds, it writes the new rows behind these and copies nothing. Its inputs of lengths say how many
 * rows count.
 *
 * <p>The file is scanned for the names of nodes and values only, because this is done whenever a
 * decoder is opened: a tenth of the time that reading all messages takes.
 */
public final class CacheInPlace {

  private static final int PAST_KEY = 3;
  private static final int PAST_VALUE = 4;

  /** Operators that have graphs inside. */
  static final Set<String> WITH_GRAPHS = Set.of("If", "Loop", "Scan");

  // Field numbers of ONNX.
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_OUTPUT = 12;
  private static final int NODE_INPUT = 1;
  private static final int NODE_OUTPUT = 2;
  private static final int NODE_TYPE = 4;
  private static final int VALUE_NAME = 1;
  private static final int TAG_BITS = 3;

  private final Map<String, Integer> uses = new HashMap<>();
  private final Map<String, String> pastOfPresent = new HashMap<>();
  private final List<String> presents = new ArrayList<>();
  private boolean graphsInside;

  private CacheInPlace() {}

  /**
   * Scans a graph of a decoder or a stage.
   *
   * @return true if all tensors of the cache are read and written by such operators alone, so that
   *     no other node sees that they are longer
   * @throws IllegalArgumentException if the file is not an ONNX graph
   * @throws UncheckedIOException if it cannot be read
   */
  public static boolean isPossible(Path file) {
    CacheInPlace scan = new CacheInPlace();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      CodedInputStream input =
          CodedInputStream.newInstance(
              channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
      each(input, MODEL_GRAPH, scan::graph);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(file + " is not an ONNX graph: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return scan.isPossible();
  }

  /** Reads a message of which the stream holds the fields. */
  @FunctionalInterface
  private interface Field {
    void read(int number, CodedInputStream input) throws IOException;
  }

  /** Hands every field with a length to a reader; skips all others. */
  private static void fields(CodedInputStream input, Field field) throws IOException {
    for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
      if ((tag & ((1 << TAG_BITS) - 1)) == 2) {
        int limit = input.pushLimit(input.readRawVarint32());
        field.read(tag >>> TAG_BITS, input);
        input.skipRawBytes(input.getBytesUntilLimit());
        input.popLimit(limit);
      } else {
        input.skipField(tag);
      }
    }
  }

  private static void each(CodedInputStream input, int wanted, Field message) throws IOException {
    fields(
        input,
        (number, inside) -> {
          if (number == wanted) {
            fields(inside, message);
          }
        });
  }

  private void graph(int field, CodedInputStream input) throws IOException {
    if (field == GRAPH_NODE) {
      node(input);
    } else if (field == GRAPH_OUTPUT) {
      fields(
          input,
          (number, inside) -> {
            if (number == VALUE_NAME) {
              String name = text(inside);
              if (name.startsWith("present")) {
                presents.add(name);
              }
            }
          });
    }
  }

  private void node(CodedInputStream input) throws IOException {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<String> type = new ArrayList<>();
    fields(
        input,
        (number, inside) -> {
          switch (number) {
            case NODE_INPUT -> inputs.add(text(inside));
            case NODE_OUTPUT -> outputs.add(text(inside));
            case NODE_TYPE -> type.add(text(inside));
            default -> {
              // Attributes and names do not matter here.
            }
          }
        });
    inputs.forEach(name -> uses.merge(name, 1, Integer::sum));
    graphsInside |= WITH_GRAPHS.containsAll(type);
    if (type.equals(List.of("GroupQueryAttention"))
        && outputs.size() > 2
        && inputs.size() > PAST_VALUE) {
      pastOfPresent.put(outputs.get(1), inputs.get(PAST_KEY));
      pastOfPresent.put(outputs.get(2), inputs.get(PAST_VALUE));
    }
  }

  private static String text(CodedInputStream input) throws IOException {
    byte[] bytes = input.readRawBytes(input.getBytesUntilLimit());
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private boolean isPossible() {
    // A graph inside a node may use any value of this one.
    return !graphsInside
        && !presents.isEmpty()
        && presents.stream().allMatch(present -> isOwn(present, pastOfPresent.get(present)));
  }

  private boolean isOwn(String present, @Nullable String past) {
    return past != null
        && past.equals("past_key_values" + present.substring("present".length()))
        && uses.getOrDefault(past, 0) == 1
        && !uses.containsKey(present);
  }
}
