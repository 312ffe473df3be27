package dev.squint.vision.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.onnx.Device.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

  private static final List<Kind> ALL =
      List.of(Kind.CPU, Kind.CUDA, Kind.COREML, Kind.DIRECTML, Kind.OPENVINO);

  private final List<Device> tried = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "cuda", "cuda:1", "coreml", "directml", "openvino", "auto"})
  void device_parsesAndPrints(String text) {
    assertThat(Device.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "", "CUDA", "cuda:", "cuda:-1", "cpu:1", "auto:0", "cuda:99999"})
  void unknownDevice_isRefusedWithAllThatThereAre(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Device.parse(text))
        .withMessage(
            "no device is called '%s'; there are cpu, cuda, coreml, directml, openvino, auto, and cuda:N for one of several",
            text);
  }

  @Test
  void thisOnnxRuntime_hasTheProcessor_andAutoIsNoProvider() {
    assertThat(Device.available()).contains(Kind.CPU).doesNotContain(Kind.AUTO);
  }

  @Test
  void whatIsNotBuiltIn_isRefusedBeforeAnythingOpens() {
    assertThatThrownBy(() -> open("cuda:1", List.of(Kind.CPU), List.of()))
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessage(
            "device 'cuda:1' is not available: this ONNX Runtime runs on cpu; choose one of these or auto, or put com.microsoft.onnxruntime:onnxruntime_gpu in the place of onnxruntime (build with -Pgpu)");
    assertThat(tried).isEmpty();
  }

  @Test
  void aDeviceThatFails_isNotReplacedUnlessAutoWasAsked() {
    assertThatThrownBy(() -> open("cuda", ALL, List.of(Kind.CUDA)))
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessage(
            "device 'cuda' cannot run model.onnx: cannot load libcuda_provider.so: no driver; choose cpu, or auto to fall back to it");
    assertThat(tried).extracting(Device::toString).containsExactly("cuda");
  }

  @Test
  void auto_takesTheFirstThatOpensTheGraph() {
    assertThat(open("auto", ALL, List.of()))
        .isEqualTo(new Placement(Device.parse("cuda"), Optional.empty()));
    assertThat(open("auto", ALL, List.of(Kind.CUDA)).note().orElseThrow())
        .isEqualTo(
            "model.onnx runs on directml: cuda cannot (cannot load libcuda_provider.so: no driver)");
    assertThat(open("auto", List.of(Kind.CPU, Kind.COREML), List.of()).note())
        .contains(
            "model.onnx runs on cpu: this ONNX Runtime has no other for auto, only cpu, coreml");
    assertThat(open("auto", ALL, List.of(Kind.CUDA, Kind.DIRECTML)).device()).isEqualTo(Device.CPU);
  }

  @Test
  void theProcessor_needsNoNote_andABrokenGraphIsOne() {
    assertThat(open("cpu", ALL, List.of())).isEqualTo(Placement.CPU);
    assertThatThrownBy(() -> open("auto", List.of(Kind.CPU), List.of(Kind.CPU)))
        .isInstanceOf(IllegalArgumentException.class)
        .isNotInstanceOf(DeviceUnavailableException.class)
        .hasMessageStartingWith("model.onnx is not a graph that ONNX Runtime can run: ");
  }

  @Test
  void messages_keepNamesOfNodesAndLoseFoldersOfLibraries() {
    assertThat(
            SessionOpener.withoutLibraries(
                "node /model/layers.0/MatMul: cannot open /tmp/onnx-java1/libx_cuda.so: C:\\Users\\me\\x.dll"))
        .isEqualTo("node /model/layers.0/MatMul: cannot open libx_cuda.so: x.dll");
    assertThat(
            SessionOpener.withoutLibraries(
                "node /model/layers.0/MatMul needs /home/my own/libs/libx.so or C:\\Program Files\\x.dll"))
        .isEqualTo("node /model/layers.0/MatMul needs libx.so or x.dll");
    assertThat(
            SessionOpener.plain(
                "message: /src/bridge.cc:1988 Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load libx.so\n"))
        .isEqualTo("Failed to load libx.so");
  }

  @Test
  void messages_loseFoldersOfGraphsAndWeights(@TempDir Path folder) throws IOException {
    Path weights = Files.createDirectory(folder.resolve("my model"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), weights);
    Path graph = folder.resolve("cache of graphs").resolve("stage.onnx");
    SessionOpener opener = new SessionOpener(graph, Optional.of(link), SessionSettings.DEFAULT);
    assertThatThrownBy(
            () ->
                opener.open(
                    List.of(Kind.CPU),
                    each -> {
                      throw new OrtException(
                          "%s: no %s in \"%s\" nor %s beside /model/layers.0/MatMul"
                              .formatted(
                                  graph,
                                  link.resolve("stage.onnx_data"),
                                  weights,
                                  graph.resolveSibling("stage.onnx_data")));
                    }))
        .hasMessageContaining(
            "stage.onnx: no stage.onnx_data in \"\" nor stage.onnx_data beside /model/layers.0/MatMul")
        .hasMessageNotContaining(folder.toString());
  }

  /** Opens a graph on devices of which some fail. */
  private Placement open(String device, List<Kind> available, List<Kind> failing) {
    SessionSettings settings = SessionSettings.DEFAULT.withDevice(Device.parse(device));
    SessionOpener opener =
        new SessionOpener(Path.of("/packages/model.onnx"), Optional.empty(), settings);
    SessionOpener.Opened opened =
        opener.open(
            available,
            each -> {
              tried.add(each);
              if (failing.contains(each.kind())) {
                throw new OrtException("cannot load /tmp/a/libcuda_provider.so: no driver");
              }
              return session();
            });
    try {
      opened.session().close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
    return opened.placement();
  }

  private static OrtSession session() throws OrtException {
    try (InputStream in =
        Objects.requireNonNull(
            DeviceTest.class.getResourceAsStream("/graphs/tiles-one-by-one.onnx"))) {
      return OnnxRuntime.environment().createSession(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
