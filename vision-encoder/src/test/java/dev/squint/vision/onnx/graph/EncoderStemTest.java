package dev.squint.vision.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.AttributeProto.AttributeType;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncoderStemTest {

  private static final Path LLAVA =
      Path.of("../llm-decoder/src/test/resources/packages/llava/onnx/vision_encoder.onnx");

  private static final Path DEFAULT = Path.of("../samples/tiny-vlm/package/onnx");

  @TempDir private Path folder;

  @Test
  void patchesOfATile_areOneProductEach() {
    // 112 / 14 = 8 x 8 patches of 14 x 14 pixels of three colours, for 48 numbers.
    assertThat(EncoderStem.operations(LLAVA, 112, 112, 64)).isEqualTo(2.0 * 64 * 3 * 14 * 14 * 48);
  }

  @Test
  void theDefaultModel_hasConvolutionsAndTwoNetworksForEachPatch() {
    double convolutions =
        2.0 * 48 * 48 * 32 * 27
            + 2.0 * 24 * 24 * 64 * (32 * 9 + 5 * 64 * 9)
            + 2.0 * 12 * 12 * 192 * (64 * 9 + 2 * 25);
    double networks = 2 * 144 * (2.0 * 2 * 192 * 576);
    for (String file : new String[] {"vision_encoder.onnx", "vision_encoder_quantized.onnx"}) {
      assertThat(EncoderStem.operations(DEFAULT.resolve(file), 96, 96, 144))
          .as(file)
          .isEqualTo(convolutions + networks);
    }
  }

  @Test
  void aChainOfEncoderStem_paddedStridedAndInGroups() throws IOException {
    GraphProto graph =
        GraphProto.newBuilder()
            .addInput(ValueInfoProto.newBuilder().setName("pixels"))
            .addInitializer(weights("first", 8, 3, 3, 3))
            .addInitializer(weights("second", 8, 4, 2, 2))
            .addNode(
                convolution("pixels", "first", "a")
                    .addAttribute(integers("pads", 1, 1, 1, 1))
                    .addAttribute(integers("strides", 2, 1)))
            .addNode(NodeProto.newBuilder().setOpType("Relu").addInput("a").addOutput("b"))
            .addNode(
                convolution("b", "second", "c")
                    .addAttribute(integers("strides", 2, 2))
                    .addAttribute(integers("dilations", 1, 2)))
            .build();
    Path file = folder.resolve("stem.onnx");
    Files.write(file, ModelProto.newBuilder().setGraph(graph).build().toByteArray());

    // 10 x 6 pixels: (10 + 2 - 3) / 2 + 1 = 5 rows and 6 columns; then (5 - 2) / 2 + 1 = 2 rows and
    // (6 - 3) / 2 + 1 = 2 columns, each output channel of half of the eight.
    assertThat(EncoderStem.operations(file, 10, 6, 4))
        .isEqualTo(2.0 * 5 * 6 * 8 * (3 * 3 * 3) + 2.0 * 2 * 2 * 8 * (4 * 2 * 2));
  }

  private static TensorProto weights(String name, long... sizes) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(1);
    for (long size : sizes) {
      tensor.addDims(size);
    }
    return tensor.build();
  }

  private static NodeProto.Builder convolution(String input, String weights, String output) {
    return NodeProto.newBuilder()
        .setOpType("Conv")
        .addAllInput(List.of(input, weights))
        .addOutput(output);
  }

  private static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }
}
