package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.chat.Message;
import dev.squint.pruner.Matrix;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packages whose graphs do not output the vector that ends a row of visual tokens. */
class LineBreakTest {

  private static final Path WITH_OUTPUT =
      Path.of("src/test/resources/packages/llava-onevision-anyres");
  private static final String WEIGHTS = "squint/image_newline.safetensors";

  @TempDir private Path folder;

  @BeforeEach
  void packageWithoutTheOutput() throws IOException {
    PackageCopy.of(WITH_OUTPUT, folder);
    Path graph = folder.resolve("onnx/vision_encoder.onnx");
    ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(graph)).toBuilder();
    for (int i = model.getGraph().getOutputCount() - 1; i >= 0; i--) {
      if (model.getGraph().getOutput(i).getName().equals("image_newline")) {
        model.getGraphBuilder().removeOutput(i);
      }
    }
    Files.write(graph, model.build().toByteArray());
  }

  private void name(Matrix vector) throws IOException {
    String header =
        "{\"image_newline\": {\"dtype\": \"F32\", \"shape\": [%d], \"data_offsets\": [0, %d]}}"
            .formatted(vector.cols(), Float.BYTES * vector.cols());
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + header.length() + Float.BYTES * vector.cols())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length())
            .put(header.getBytes(StandardCharsets.UTF_8));
    for (float value : vector.data()) {
      bytes.putFloat(value);
    }
    Files.createDirectories(folder.resolve("squint"));
    Files.write(folder.resolve(WEIGHTS), bytes.array());
    Files.writeString(
        folder.resolve("squint.json"),
        "{\"image_newline\": {\"file\": \"%s\"}}".formatted(WEIGHTS));
  }

  private static Answer ask(VisionLanguageModel model) {
    Picture picture = new PictureReader().read(WITH_OUTPUT.resolve("test/wide_300x150.png"));
    return model.ask(
        List.of(Message.user(List.of(picture), "What is in the picture?")),
        AskOptions.DEFAULT.withMaxTokens(8));
  }

  @Test
  void aFileSaysWhatTheGraphDoesNot() throws IOException {
    try (VisionLanguageModel model = VisionLanguageModel.load(WITH_OUTPUT)) {
      Answer expected = ask(model);
      try (VisionLanguageModel without = VisionLanguageModel.load(folder)) {
        assertThat(without.writer().lineBreak()).isNull();
        assertThat(ask(without).promptTokens()).isLessThan(expected.promptTokens());
        assertThat(ask(without).text()).isNotEqualTo(expected.text());
        assertThat(expected.notes()).isEmpty();
        assertThat(ask(without).notes())
            .singleElement()
            .asString()
            .contains("no vector image_newline");
      }
      name(Objects.requireNonNull(model.writer().lineBreak()));
      try (VisionLanguageModel named = VisionLanguageModel.load(folder)) {
        assertThat(ask(named).promptTokens()).isEqualTo(expected.promptTokens());
        assertThat(ask(named).text()).isEqualTo(expected.text());
      }
    }
  }

  @Test
  void aFileThatIsNotThereIsNamed() throws IOException {
    name(new Matrix(1, 64, new float[64]));
    Files.delete(folder.resolve(WEIGHTS));
    assertThatThrownBy(() -> VisionLanguageModel.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("names " + WEIGHTS + " for 'image_newline', which is missing");
  }

  @Test
  void aVectorOfAnotherSizeIsRefused() throws IOException {
    name(new Matrix(1, 3, new float[3]));
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      assertThatThrownBy(() -> ask(model))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("image_newline has 3 values but text embeddings 64");
    }
  }
}
