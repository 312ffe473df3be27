package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.squint.llm.model.Devices;
import dev.squint.llm.model.Session;
import dev.squint.vision.encoder.OnnxVisionEncoder;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.picture.Picture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device for each graph, and where a model says that it runs. */
class DevicesTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/tiled");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cuda | vision=cuda,embed=cpu,decoder=cuda",
        "vision=cuda:1 | vision=cuda:1,embed=cpu,decoder=cpu",
        "vision=cuda, decoder=cpu | vision=cuda,embed=cpu,decoder=cpu",
        "decoder=cpu,auto | vision=auto,embed=cpu,decoder=cpu",
        "auto,embed=cuda | vision=auto,embed=cuda,decoder=auto",
        "decoder_model_merged=coreml | vision=cpu,embed=cpu,decoder=coreml"
      })
  void devices_parseByNameAndBySession(String text, String all) {
    assertThat(Devices.parse(text)).hasToString(all);
    assertThat(Devices.parse(all)).hasToString(all);
  }

  @Test
  void twoDevicesForOneSession_areRefused() {
    for (String text : List.of("cuda,cpu", "vision=cuda,vision=cpu")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Devices.parse(text))
          .withMessage(
              "'%s' gives a session two devices; name one for all, or one for each, as in vision=cuda,decoder=cpu",
              text);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Devices.parse("encoder=cuda"))
        .withMessage("no session is called 'encoder'; there are vision, embed, decoder");
  }

  @Test
  void aDeviceThatIsNotThere_isRefused_notThePackage() {
    // With the GPU build of ONNX Runtime the message is about the driver or the GPU's number.
    assertThatThrownBy(() -> load("decoder=cuda:99"))
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessageStartingWith("device 'cuda:99' ")
        .hasMessageNotContaining("package");
    // It is refused before graphs are tried, and so with automatic variants too.
    assumeThat(Device.available()).doesNotContain(Device.Kind.CUDA);
    assertThatThrownBy(
            () ->
                VisionLanguageModel.load(
                    Path.of("no such folder"),
                    LoadOptions.DEFAULT.withDevices(Devices.parse("vision=cuda"))))
        .isInstanceOf(DeviceUnavailableException.class);
  }

  @Test
  void anEncoderElsewhere_needsNoDeviceHere() {
    LoadOptions options =
        LoadOptions.DEFAULT
            .withDevices(Devices.parse("vision=cuda:99"))
            .withEncoder(graph -> OnnxVisionEncoder.open(graph, SessionSettings.DEFAULT));
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGE, options)) {
      assertThat(model.devices().of(Session.DECODER)).isEqualTo(Device.CPU);
    }
  }

  @Test
  void auto_answersAsTheProcessorDoes_andSaysWhereItRuns() {
    assumeThat(Device.available()).containsExactly(Device.Kind.CPU);
    try (VisionLanguageModel plain = load("cpu");
        VisionLanguageModel automatic = load("auto")) {
      assertThat(automatic.devices()).hasToString("vision=cpu,embed=cpu,decoder=cpu");
      Answer expected = ask(plain);
      Answer answer = ask(automatic);
      assertThat(answer.text()).isEqualTo(expected.text());
      assertThat(expected.notes()).noneMatch(note -> note.contains("cpu"));
      assertThat(answer.notes())
          .contains(
              "vision_encoder.onnx runs on cpu: this ONNX Runtime has no other for auto, only cpu",
              "decoder_model_merged.onnx runs on cpu: this ONNX Runtime has no other for auto, only cpu");
      assertThat(ask(automatic, "layer1:random(keep=0.5)").text())
          .isEqualTo(ask(plain, "layer1:random(keep=0.5)").text());
      assertThat(automatic.decoder().stages()).hasSize(2);
      assertThat(ask(automatic).text()).isEqualTo(expected.text());
    }
  }

  @Test
  void optionsOfASession_haveItsDevice() {
    LoadOptions options = LoadOptions.DEFAULT.withDevices(Devices.parse("vision=cuda:1"));
    assertThat(options.settings(Session.VISION_ENCODER).device()).hasToString("cuda:1");
    assertThat(options.settings(Session.DECODER).device()).isEqualTo(Device.CPU);
  }

  private static VisionLanguageModel load(String devices) {
    return VisionLanguageModel.load(
        PACKAGE, LoadOptions.DEFAULT.withDevices(Devices.parse(devices)));
  }

  private static Answer ask(VisionLanguageModel model) {
    return ask(model, "none");
  }

  private static Answer ask(VisionLanguageModel model, String plan) {
    return model.ask(
        List.of(new Picture(2, 2, new byte[12])),
        "What is it?",
        AskOptions.DEFAULT.withPlan(plan).withMaxTokens(3));
  }
}
