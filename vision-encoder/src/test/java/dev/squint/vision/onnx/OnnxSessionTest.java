package dev.squint.vision.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxSessionTest {

  @TempDir Path folder;

  private OnnxSession open(String name) throws IOException {
    Path file = folder.resolve(name + ".onnx");
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/graphs/" + name + ".onnx"))) {
      Files.write(file, in.readAllBytes());
    }
    return OnnxSession.open(file, SessionSettings.DEFAULT.withThreads(1));
  }

  @Test
  void sessionWithoutAnOwner_isClosed() throws IOException {
    List<OnnxSession> opened = new ArrayList<>();
    OnnxSession session = open("tiles-one-by-one");
    assertThatThrownBy(
            () ->
                session.owned(
                    it -> {
                      opened.add(it);
                      throw new IllegalArgumentException("not a decoder");
                    }))
        .hasMessage("not a decoder");
    assertThat(opened).containsExactly(session);
    try (OnnxTensor tensor =
        session.floats("pixel_values", FloatBuffer.allocate(192), 1, 3, 8, 8)) {
      assertThatThrownBy(
              () -> session.run(Map.of("pixel_values", tensor), Set.of("image_features")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed OrtSession");
    }
  }

  @Test
  void inputsAndOutputs_areThoseOfTheGraph() throws IOException {
    try (OnnxSession session = open("crops-with-attention")) {
      assertThat(session.inputs().values())
          .extracting(TensorSpec::toString)
          .containsExactly(
              "pixel_values FLOAT [batch_size, num_images, 3, 8, 8]",
              "pixel_attention_mask BOOL [batch_size, num_images, 8, 8]");
      TensorSpec attention = Objects.requireNonNull(session.outputs().get("cls_attentions"));
      assertThat(attention.type()).isEqualTo(OnnxJavaType.FLOAT);
      assertThat(attention.rank()).isEqualTo(4);
      assertThat(attention.fixed(0)).isEmpty();
      assertThat(attention.fixed(-1)).hasValue(4);
    }
  }

  @Test
  void directBuffer_isNotCopied() throws IOException {
    FloatBuffer values =
        ByteBuffer.allocateDirect(3 * 64 * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    try (OnnxSession session = open("tiles-one-by-one");
        OnnxTensor tensor = session.floats("pixel_values", values.asReadOnlyBuffer(), 1, 3, 8, 8)) {
      // Written after the tensor was made, and seen all the same.
      values.put(0, 16);
      try (OrtSession.Result result =
          session.run(Map.of("pixel_values", tensor), Set.of("image_features"))) {
        OnnxTensor features = (OnnxTensor) result.get("image_features").orElseThrow();
        assertThat(features.getFloatBuffer().get(0)).isEqualTo(1);
      }
    }
  }

  @Test
  void wrongUse_isNamed() throws IOException {
    FloatBuffer values = FloatBuffer.allocate(3 * 64);
    try (OnnxSession session = open("tiles-one-by-one")) {
      assertThatThrownBy(() -> session.floats("pixels", values, 1, 3, 8, 8))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "tiles-one-by-one.onnx has no input 'pixels'; it has [pixel_values FLOAT [1, 3, 8,"
                  + " 8]]");
      assertThatThrownBy(() -> session.floats("pixel_values", values, 3, 8, 8))
          .hasMessageContaining("takes pixel_values FLOAT [1, 3, 8, 8] but was given [3, 8, 8]");
      assertThatThrownBy(() -> session.longs("pixel_values", new long[192], 1, 3, 8, 8))
          .hasMessageContaining("not 64-bit integers");
      assertThatThrownBy(() -> session.ones("pixel_values", 1, 3, 8, 8))
          .hasMessageContaining("not a mask");
      assertThatThrownBy(() -> session.run(Map.of(), Set.of("image_features")))
          .hasMessageContaining("needs the inputs [pixel_values] but got []");
      try (OnnxTensor tensor = session.floats("pixel_values", values, 1, 3, 8, 8)) {
        assertThatThrownBy(() -> session.run(Map.of("pixel_values", tensor), Set.of("logits")))
            .hasMessageContaining("has the outputs [image_features] but [logits] were requested");
      }
    }
  }

  @Test
  void failureInsideTheGraph_hasTheShapes() throws IOException {
    try (OnnxSession session = open("patches");
        OnnxTensor patches = session.floats("pixel_values", FloatBuffer.allocate(3 * 24), 3, 24);
        OnnxTensor grid = session.longs("image_grid_thw", new long[] {1, 1, 3}, 1, 3)) {
      Map<String, OnnxTensor> inputs = Map.of("pixel_values", patches, "image_grid_thw", grid);
      assertThatThrownBy(() -> session.run(inputs, Set.of("image_features")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("patches.onnx failed on ")
          .hasMessageContaining("pixel_values [3, 24]");
    }
  }

  @Test
  void unknownInputs_areListed() throws IOException {
    try (OnnxSession session = open("wants-more")) {
      session.requireInputsAmong(Set.of("pixel_values", "spatial_shapes", "more"));
      assertThatThrownBy(() -> session.requireInputsAmong(Set.of("b", "a")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[pixel_values FLOAT [batch_size, 3, 8, 8], spatial_shapes INT64")
          .hasMessageEndingWith("it can fill [a, b]");
    }
  }

  @Test
  void filesThatAreNoGraph_areRefusedByName() throws IOException {
    Path missing = folder.resolve("missing.onnx");
    assertThatThrownBy(() -> OnnxSession.open(missing, SessionSettings.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("missing.onnx does not exist");
    for (byte[] content :
        List.of(new byte[0], new byte[] {1, 2, 3}, "hello".getBytes(StandardCharsets.UTF_8))) {
      Path broken = folder.resolve("broken.onnx");
      Files.write(broken, content);
      assertThatThrownBy(() -> OnnxSession.open(broken, SessionSettings.DEFAULT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("broken.onnx is not a graph that ONNX Runtime can run: ")
          .message()
          .doesNotContain(folder.toString());
    }
  }

  @Test
  void settings_refuseNegativeThreads() {
    assertThatThrownBy(() -> SessionSettings.DEFAULT.withThreads(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }
}
