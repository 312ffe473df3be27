package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.graph.GraphCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VariantChooserTest {

  private static final Path TINY = Path.of("../samples/tiny-vlm/package");

  @TempDir private Path cache;

  @Test
  void oneFormOfEachGraphIsChosen_andStored() throws IOException {
    Variants chosen = choose("auto");

    assertThat(chosen.automatic()).isEmpty();
    assertThat(chosen.chosen()).containsOnlyKeys(Session.values());
    assertThat(chosen.chosen().values()).isSubsetOf("fp32", "q8");
    // Embeddings take no time in any form, so the smallest file is taken.
    assertThat(chosen.chosen()).containsEntry(Session.EMBED_TOKENS, "q8");
    assertThat(Files.readString(stored())).isEqualTo(chosen.toString());
  }

  @Test
  void aStoredChoiceIsUsed_withoutMeasuring() throws IOException {
    choose("auto");
    for (String other :
        List.of("vision=fp32,embed=q8,decoder=q8", "vision=q8,embed=q8,decoder=fp32")) {
      Files.writeString(stored(), other);
      assertThat(choose("auto")).hasToString(other);
    }
  }

  @Test
  void aDamagedChoiceIsMeasuredAgain() throws IOException {
    choose("auto");
    for (String damaged : List.of("", "vision=", "vision=auto,embed=q8,decoder=q8")) {
      Files.writeString(stored(), damaged);
      assertThat(choose("auto").chosen().values()).as(damaged).isSubsetOf("fp32", "q8");
    }
  }

  @Test
  void namedSessionsKeepTheirForm() {
    Variants chosen = choose("vision=auto,decoder=fp32");
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

  private Variants choose(String variants) {
    return new VariantChooser(new GraphCache(cache))
        .choose(TINY, LoadOptions.DEFAULT.withVariants(Variants.parse(variants)));
  }

  private Path stored() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("variants"))) {
      return files.findFirst().orElseThrow();
    }
  }
}
