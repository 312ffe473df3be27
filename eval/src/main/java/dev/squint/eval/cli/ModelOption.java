package dev.squint.eval.cli;

import static java.util.Objects.requireNonNull;

import dev.squint.llm.Cuts;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.hub.Hub;
import dev.squint.llm.hub.HubSettings;
import dev.squint.llm.hub.ModelFolders;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.GraphCache;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which model, for all commands that load one. */
final class ModelOption {

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "A model package: a folder in the Hugging Face ONNX layout, OWNER/NAME[@REVISION] on a"
              + " hub, or 'arch:NAME' for the architecture of a known model with random weights,"
              + " for speed only (default: Squint's own).")
  private @Nullable String model;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

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
        folder(),
        LoadOptions.DEFAULT
            .withVariants(variants())
            .withSettings(settings)
            .withNativeSizeCap(nativeSizeCap)
            // A command asks once, or measures each prompt as a whole.
            .withPrefixCacheBytes(0)
            .withCuts(Cuts.parse(cuts))
            .withPlans(plans));
  }

  /**
   * The chosen package. One of an architecture is made first if it is not there, one of a hub is
   * brought.
   */
  Path folder() {
    return model == null ? defaultFolder() : folder(model, requireNonNull(command));
  }

  /** A package by its folder, by {@code arch:NAME} or by {@code OWNER/NAME} on a hub. */
  Path folder(String model, CommandSpec command) {
    PrintWriter err = command.commandLine().getErr();
    return new ModelFolders(
            new Hub(HubSettings.ofUser()), GraphCache.ofUser(), err::println, PullCommand.told(err))
        .folder(model, variants());
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
