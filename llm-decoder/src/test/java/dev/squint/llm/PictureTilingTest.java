package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.TiledImage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was made of a picture for one question serves the next. */
class PictureTilingTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");

  @Test
  void shrunkPictures_areRemembered_byTheirShare() {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve("tiled"));
    Picture picture = new PictureReader().read(PACKAGES.resolve("llava/test/wide_300x150.png"));
    PruningPlan half = PruningPlan.parse("tiles:downsample(keep=0.5)");
    TiledImage first = tiles(model, picture, half);
    assertThat(tiles(model, picture, half)).isSameAs(first);
    assertThat(tiles(model, picture, PruningPlan.parse("tiles:downsample(keep=0.1)")))
        .isNotSameAs(first);
    assertThat(tiles(model, picture, PruningPlan.none())).isNotSameAs(first);
  }

  private static TiledImage tiles(VisionLanguageModel model, Picture picture, PruningPlan plan) {
    return model.tiles(List.of(picture), plan).get(0);
  }
}
