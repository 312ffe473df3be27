package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.model.Devices;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.vision.onnx.graph.GraphCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VariantChooserTest {

  private static final Path DEFAULT_MODEL = Path.of("../samples/tiny-vlm/package");
  private static final Path SMALL = Path.of("src/test/resources/packages/llava-onevision-variants");

  @TempDir private Path cache;

  @Test
  void oneFormOfEachGraphIsChosen_andStored() throws IOException {
    Variants chosen = choose(DEFAULT_MODEL, "auto");

    assertThat(chosen.automatic()).isEmpty();
    assertThat(chosen.chosen()).containsOnlyKeys(Session.values());
    assertThat(chosen.chosen().values()).isSubsetOf("fp32", "q8");
    // Embeddings take no time in any form, so the smallest file is taken.
    assertThat(chosen.chosen()).containsEntry(Session.EMBED_TOKENS, "q8");
    assertThat(Files.readString(stored())).isEqualTo(chosen.toString());
  }

  @Test
  void aStoredChoiceIsUsed_withoutMeasuring() throws IOException {
    choose(SMALL, "auto");
    for (String other :
        List.of("vision=fp16,embed=fp16,decoder=q8", "vision=fp16,embed=fp16,decoder=fp16")) {
      Files.writeString(stored(), other);
      assertThat(choose(SMALL, "auto")).hasToString(other);
    }
  }

  @Test
  void aDamagedChoiceIsMeasuredAgain() throws IOException {
    choose(SMALL, "auto");
    for (String damaged : List.of("", "vision=", "vision=auto,embed=fp16,decoder=q8")) {
      Files.writeString(stored(), damaged);
      Variants chosen = choose(SMALL, "auto");
      assertThat(chosen.automatic()).as(damaged).isEmpty();
      assertThat(chosen.chosen()).as(damaged).containsOnlyKeys(Session.values());
      assertThat(Files.readString(stored())).as(damaged).isEqualTo(chosen.toString());
    }
  }

  @Test
  void namedSessionsKeepTheirForm() {
    Variants chosen = choose(DEFAULT_MODEL, "vision=auto,decoder=fp32");
    assertThat(chosen.chosen())
        .containsOnlyKeys(Session.VISION_ENCODER, Session.DECODER)
        .containsEntry(Session.DECODER, "fp32");
  }

  @Test
  void aPackageWithOneForm_isNotMeasured() {
    Path single = Path.of("src/test/resources/packages/tiled");
    Variants chosen =
        new VariantChooser(new GraphCache(cache))
            .choose(single, LoadOptions.DEFAULT.withVariants(Variants.parse("auto")));

    assertThat(chosen).isEqualTo(ModelPackage.read(single).variants());
    assertThat(cache.resolve("variants")).doesNotExist();
  }

  @Test
  void aDeviceThatCannotRunAnyForm_isNamed_andNothingIsStored() {
    LoadOptions options =
        LoadOptions.DEFAULT
            .withVariants(Variants.parse("auto"))
            .withDevices(Devices.parse("decoder=cuda:99"));
    assertThatThrownBy(() -> new VariantChooser(new GraphCache(cache)).choose(SMALL, options))
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessageStartingWith("device 'cuda:99' ");
    assertThat(cache.resolve("variants")).doesNotExist();
  }

  @Test
  void aChoiceCountsForItsDevices_andForThoseThatAutoHas() {
    List<Device.Kind> processor = List.of(Device.Kind.CPU);
    List<Device.Kind> both = List.of(Device.Kind.CPU, Device.Kind.CUDA);
    Set<String> keys = new HashSet<>();
    for (String devices : List.of("cpu", "auto", "cuda", "decoder=cuda")) {
      LoadOptions options = LoadOptions.DEFAULT.withDevices(Devices.parse(devices));
      keys.add(VariantChooser.key(SMALL, options, processor));
      keys.add(VariantChooser.key(SMALL, options, both));
    }
    // The processor is the same with and without a GPU beside it.
    assertThat(keys).hasSize(7);
  }

  private Variants choose(Path folder, String variants) {
    return new VariantChooser(new GraphCache(cache))
        .choose(folder, LoadOptions.DEFAULT.withVariants(Variants.parse(variants)));
  }

  private Path stored() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("variants"))) {
      return files.findFirst().orElseThrow();
    }
  }
}
