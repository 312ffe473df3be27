package dev.squint.vision.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxModelTest {

  @TempDir Path folder;

  static List<Path> everyGraphOfTheTests() throws IOException {
    try (Stream<Path> mine = Files.walk(Path.of("src/test/resources"));
        Stream<Path> packages = Files.walk(Path.of("../llm-decoder/src/test/resources/packages"))) {
      List<Path> graphs =
          Stream.concat(mine, packages).filter(file -> file.toString().endsWith(".onnx")).toList();
      assertThat(graphs).hasSizeGreaterThan(5);
      return graphs;
    }
  }

  @ParameterizedTest
  @MethodSource("everyGraphOfTheTests")
  void readAndWritten_isTheSameToTheLastByte(Path file) throws IOException {
    assertThat(OnnxModel.read(file).proto().toByteArray()).isEqualTo(Files.readAllBytes(file));
  }

  @Test
  void fieldsOfLaterVersions_survive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(Files.readAllBytes(Path.of("src/test/resources/graphs/patches.onnx")));
    CodedOutputStream later = CodedOutputStream.newInstance(bytes);
    later.writeString(4321, "of tomorrow");
    later.flush();
    Path file = Files.write(folder.resolve("later.onnx"), bytes.toByteArray());

    assertThat(OnnxModel.read(file).proto().toByteArray()).isEqualTo(bytes.toByteArray());
  }

  @Test
  void fileThatIsNoGraph_isRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text.onnx"), "version https://git-lfs");
    Path empty = Files.writeString(folder.resolve("empty.onnx"), "");

    assertThatThrownBy(() -> OnnxModel.read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("text.onnx is not an ONNX graph");
    assertThatThrownBy(() -> OnnxModel.read(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty.onnx is not an ONNX graph");
    assertThatThrownBy(() -> OnnxModel.read(folder.resolve("none.onnx")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none.onnx does not exist");
  }
}
