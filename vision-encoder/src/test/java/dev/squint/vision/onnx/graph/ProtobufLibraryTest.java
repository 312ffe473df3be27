package dev.squint.vision.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.Message;
import dev.squint.vision.onnx.proto.ModelProto;
import org.junit.jupiter.api.Test;

/** The build runs the graph tests once per protobuf library; each run has the one that it names. */
class ProtobufLibraryTest {

  @Test
  void runHasTheLibraryThatTheBuildNames() {
    String expected = System.getProperty("protobuf.expected");
    assumeThat(expected).as("protobuf.expected, set by the build alone").isNotNull();

    String jar = Message.class.getProtectionDomain().getCodeSource().getLocation().getPath();

    assertThat(jar).endsWith("protobuf-java-" + expected + ".jar");
  }

  @Test
  void generatedCodeAcceptsTheLibrary() {
    assertThatCode(() -> ModelProto.parseFrom(ModelProto.newBuilder().build().toByteString()))
        .doesNotThrowAnyException();
  }
}
