package dev.squint.vision.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheInPlaceTest {

  @TempDir private Path folder;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("decoder");

  @Test
  void groupQueryAttentionAlone_isPossible() throws IOException {
    layer(0, 0);
    layer(1, 1);
    add("MatMul", List.of("attention.1", "weights"), List.of("logits"));

    assertThat(isPossible("present.0.key", "present.0.value", "present.1.key", "logits")).isTrue();
  }

  @Test
  void aNodeThatMeasuresThePast_sawTheRoomToo() throws IOException {
    layer(0, 0);
    add("Shape", List.of("past_key_values.0.key"), List.of("length"));

    assertThat(isPossible("present.0.key", "present.0.value")).isFalse();
  }

  @Test
  void aNodeThatReadsThePresent_sawTheRoomToo() throws IOException {
    layer(0, 0);
    add("Transpose", List.of("present.0.key"), List.of("tap"));

    assertThat(isPossible("present.0.key", "present.0.value")).isFalse();
  }

  @Test
  void aGraphInsideANode_mayReadAnyValue() throws IOException {
    layer(0, 0);
    add("If", List.of("condition"), List.of("chosen"));

    assertThat(isPossible("present.0.key", "present.0.value")).isFalse();
  }

  @Test
  void cachesThatAreJoinedByConcat_areNotInPlace() throws IOException {
    layer(0, 0);
    add("Concat", List.of("past_key_values.1.key", "key"), List.of("present.1.key"));

    assertThat(isPossible("present.0.key", "present.1.key")).isFalse();
  }

  @Test
  void thePastOfAnotherLayer_isNotInPlace() throws IOException {
    layer(0, 1);
    layer(1, 0);

    assertThat(isPossible("present.0.key", "present.1.key")).isFalse();
  }

  @Test
  void aGraphWithoutCache_hasNothingToWriteInto() throws IOException {
    layer(0, 0);

    assertThat(isPossible("logits")).isFalse();
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text.onnx"), "this is no graph, it is a text");

    assertThatThrownBy(() -> CacheInPlace.isPossible(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("text.onnx is not an ONNX graph");
    assertThatThrownBy(() -> CacheInPlace.isPossible(folder.resolve("missing.onnx")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("missing.onnx");
  }

  private void layer(int layer, int past) {
    String cache = "past_key_values.%d.".formatted(past);
    add(
        "GroupQueryAttention",
        List.of("packed." + layer, "", "", cache + "key", cache + "value", "last", "total"),
        List.of(
            "attention." + layer,
            "present.%d.key".formatted(layer),
            "present.%d.value".formatted(layer)));
  }

  private void add(String type, List<String> inputs, List<String> outputs) {
    graph.addNode(NodeProto.newBuilder().setOpType(type).addAllInput(inputs).addAllOutput(outputs));
  }

  private boolean isPossible(String... outputs) throws IOException {
    for (String output : outputs) {
      graph.addOutput(ValueInfoProto.newBuilder().setName(output));
    }
    ModelProto model = ModelProto.newBuilder().setIrVersion(8).setGraph(graph).build();
    return CacheInPlace.isPossible(
        Files.write(folder.resolve("decoder.onnx"), model.toByteArray()));
  }
}
