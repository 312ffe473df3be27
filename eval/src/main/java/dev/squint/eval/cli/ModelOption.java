package dev.squint.eval.cli;

import dev.squint.llm.Cuts;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model, for all commands that load one. */
final class ModelOption {

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "A model package in the Hugging Face ONNX layout (default: Squint's own).")
  private @Nullable Path folder;

  @Option(
      names = "--variant",
      paramLabel = "V",
      description = "Form of the graphs: 'q8', or by session, 'decoder=q4,vision=fp16'.")
  private @Nullable String variant;

  @Option(
      names = "--native-size-cap",
      description =
          "Never enlarge a small picture into several tiles (default: as the package says).")
  private boolean nativeSizeCap;

  @Option(
      names = "--cuts",
      defaultValue = "auto",
      paramLabel = "auto|none|every|2,8,16",
      description =
          "Where the decoder is cut, so that plans can act between its layers; auto: where the plans do (default).")
  private String cuts = "auto";

  /** Loads the model for some plans. */
  VisionLanguageModel load(List<PruningPlan> plans) {
    return load(SessionSettings.DEFAULT, plans);
  }

  /** Loads the model for some plans. */
  VisionLanguageModel load(SessionSettings settings, List<PruningPlan> plans) {
    return VisionLanguageModel.load(
        folder == null ? defaultFolder() : folder,
        LoadOptions.DEFAULT
            .withVariants(variants())
            .withSettings(settings)
            .withNativeSizeCap(nativeSizeCap)
            .withCuts(Cuts.parse(cuts))
            .withPlans(plans));
  }

  Variants variants() {
    return variant == null ? Variants.ANY : Variants.parse(variant);
  }

  /** The package that comes with Squint, where the launcher says that Squint lies. */
  static Path defaultFolder() {
    String home = System.getProperty("squint.home", System.getenv("SQUINT_HOME"));
    if (home == null) {
      throw new IllegalArgumentException(
          "no --model was given, and neither SQUINT_HOME nor -Dsquint.home says where Squint's own lies");
    }
    return Path.of(home, "samples", "tiny-vlm", "package");
  }
}
