package dev.squint.eval.calibrate;

import dev.squint.eval.data.DataFolder;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.TrainingDomain;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.TileSelection;
import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.FileFormat;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.TiledImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Computes mean features of pictures, as the domain check reads them. */
public final class PictureFeatures {

  private final VisionLanguageModel model;
  private final PruningPlan plan;

  /** Creates the reader; only steps at tiles or inside the encoder affect the features. */
  public PictureFeatures(VisionLanguageModel model, PruningPlan plan) {
    this.model = model;
    this.plan = plan;
  }

  /**
   * Reads all pictures of a folder with its subfolders, or of a zip, ordered by name.
   *
   * @return mean features, [N, D]
   * @throws IllegalArgumentException if there is no picture
   */
  public Matrix of(Path source) {
    try (DataFolder folder = DataFolder.open(source);
        Stream<Path> files = Files.walk(folder.root())) {
      List<float[]> features = new ArrayList<>();
      PictureReader reader = new PictureReader();
      for (Path file : files.filter(PictureFeatures::isPicture).sorted().toList()) {
        features.add(of(reader.read(Files.readAllBytes(file), file.toString())));
      }
      if (features.isEmpty()) {
        throw new IllegalArgumentException("%s holds no picture".formatted(source));
      }
      return Matrix.of(features.toArray(float[][]::new));
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(source), e);
    }
  }

  /** Returns the mean feature of the global view of a picture, [D]. */
  float[] of(Picture picture) {
    List<TiledImage> tiled = model.tiles(List.of(picture), plan);
    TileSelection views = TileSelection.globalViews(tiled);
    PatchTokens tokens = model.encoder().encode(views.toEncode(), Set.of(), plan);
    return TrainingDomain.meanFeature(tokens, 0)
        .orElseThrow(() -> new IllegalArgumentException("the plan keeps no token of the picture"));
  }

  private static boolean isPicture(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (ByteSource bytes = ByteSource.open(file)) {
      return FileFormat.of(bytes).isPicture();
    }
  }
}
