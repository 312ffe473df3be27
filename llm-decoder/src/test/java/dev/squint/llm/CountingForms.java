package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Decoders without an input of position ids, made of decoders that take them: the positions are
 * computed inside, as exporters write it.
 */
enum CountingForms {
  /** A range from the number of cached tokens to that of all tokens. */
  RANGE {
    @Override
    void write(Graph graph) {
      graph.total();
      graph.add("Range", List.of("past", "total", graph.number(1)), "row");
      graph.add("Unsqueeze", List.of("row", graph.numbers(0)), POSITIONS);
    }
  },
  /** The number of cached tokens is added to a range of the new ones. */
  OFFSET {
    @Override
    void write(Graph graph) {
      graph.lengths();
      graph.add("Range", List.of(graph.number(0), "new", graph.number(1)), "row");
      graph.add("Add", List.of("row", "past"), "moved");
      graph.add("Unsqueeze", List.of("moved", graph.numbers(0)), POSITIONS);
    }
  },
  /** All tokens are counted by a running sum of the attention mask, and the new ones cut off. */
  MASK {
    @Override
    void write(Graph graph) {
      graph.lengths();
      graph.add("CumSum", List.of("attention_mask", graph.number(1)), "sum");
      graph.add("Sub", List.of("sum", graph.number(1)), "counted");
      graph.add("Unsqueeze", List.of("past", graph.numbers(0)), "first");
      graph.add(
          "Slice",
          List.of("counted", "first", graph.numbers(Integer.MAX_VALUE), graph.numbers(1)),
          POSITIONS);
    }
  },
  /** All tokens are counted, and the new ones cut off. */
  ROWS {
    @Override
    void write(Graph graph) {
      graph.lengths();
      graph.add("Shape", List.of("attention_mask"), "mask_shape");
      graph.add("Gather", List.of("mask_shape", graph.number(1)), "total");
      graph.add("Range", List.of(graph.number(0), "total", graph.number(1)), "row");
      graph.add("Unsqueeze", List.of("row", graph.numbers(0)), "rows");
      graph.add("Unsqueeze", List.of("past", graph.numbers(0)), "first");
      graph.add("Unsqueeze", List.of("total", graph.numbers(0)), "end");
      graph.add("Slice", List.of("rows", "first", "end", graph.numbers(1)), POSITIONS);
    }
  },
  /** As words of 32 bits. */
  SHORT {
    @Override
    void write(Graph graph) {
      graph.total();
      graph.add("Range", List.of("past", "total", graph.number(1)), "row");
      graph.add("Cast", List.of("row"), "words", to(INT32));
      graph.add("Unsqueeze", List.of("words", graph.numbers(0)), "lifted");
      graph.add("Cast", List.of("lifted"), POSITIONS, to(INT64));
    }
  };

  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final String GIVEN = "position_ids";
  private static final String POSITIONS = "counted_positions";
  private static final String DECODER = "onnx/decoder_model_merged.onnx";

  abstract void write(Graph graph);

  /** Copies a package whose decoder takes positions to a folder, with a decoder that counts. */
  void copy(Path source, Path folder) throws IOException {
    PackageCopy.of(source, folder);
    change(folder.resolve(DECODER));
  }

  /** Makes a decoder that takes positions count them. */
  void change(Path file) throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    Graph graph = new Graph(model.getGraph());
    write(graph);
    Files.write(file, model.toBuilder().setGraph(graph.finished()).build().toByteArray());
  }

  private static AttributeProto to(int type) {
    return AttributeProto.newBuilder()
        .setName("to")
        .setI(type)
        .setType(AttributeProto.AttributeType.INT)
        .build();
  }

  /** A graph without its input of positions, and the nodes that compute them. */
  private static final class Graph {

    private final GraphProto given;
    private final GraphProto.Builder changed;
    private final List<NodeProto> nodes = new ArrayList<>();
    private int count;

    private Graph(GraphProto given) {
      this.given = given;
      this.changed = given.toBuilder().clearInput().clearNode();
      given.getInputList().stream()
          .filter(input -> !input.getName().equals(GIVEN))
          .forEach(changed::addInput);
      assertThat(changed.getInputCount()).isEqualTo(given.getInputCount() - 1);
    }

    private GraphProto finished() {
      changed.addAllNode(nodes);
      for (NodeProto node : given.getNodeList()) {
        NodeProto.Builder reading = node.toBuilder();
        for (int i = 0; i < node.getInputCount(); i++) {
          if (node.getInput(i).equals(GIVEN)) {
            reading.setInput(i, POSITIONS);
          }
        }
        changed.addNode(reading);
      }
      return changed.build();
    }

    private void lengths() {
      add("Shape", List.of("past_key_values.0.key"), "past_shape");
      add("Gather", List.of("past_shape", number(2)), "past");
      add("Shape", List.of("inputs_embeds"), "new_shape");
      add("Gather", List.of("new_shape", number(1)), "new");
    }

    private void total() {
      lengths();
      add("Add", List.of("past", "new"), "total");
    }

    private void add(
        String operator, List<String> inputs, String output, AttributeProto... attributes) {
      nodes.add(
          NodeProto.newBuilder()
              .setOpType(operator)
              .setName("count_" + output)
              .addAllInput(inputs.stream().map(Graph::own).toList())
              .addOutput(own(output))
              .addAllAttribute(List.of(attributes))
              .build());
    }

    private static String own(String name) {
      return name.contains("_") ? name : "counting." + name;
    }

    private String number(long value) {
      return constant(value, List.of());
    }

    private String numbers(long value) {
      return constant(value, List.of(1L));
    }

    private String constant(long value, List<Long> shape) {
      String name = "constant_of_counting_" + count++;
      ByteBuffer bytes =
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).flip();
      changed.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(INT64)
              .addAllDims(shape)
              .setRawData(ByteString.copyFrom(bytes)));
      return name;
    }
  }
}
