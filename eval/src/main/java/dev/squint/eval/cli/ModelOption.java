package dev.squint.eval.cli;

import static java.util.Objects.requireNonNull;

import dev.squint.llm.Cuts;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.batch.BatchSettings;
import dev.squint.llm.hub.Hub;
import dev.squint.llm.hub.HubSettings;
import dev.squint.llm.hub.ModelFolders;
import dev.squint.llm.model.Devices;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.GraphCache;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The model options, for all commands that load a model. */
final class ModelOption {

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "A model package: a folder in the Hugging Face ONNX layout, OWNER/NAME[@REVISION] on a"
              + " hub, or 'arch:NAME' for the architecture of a known model with random weights,"
              + " only to measure speed (default: Squint's own model).")
  private @Nullable String model;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Mixin private VariantOption variant = new VariantOption();

  private @Nullable Variants chosen;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "D",
      description =
          "Where graphs run: cpu, cuda, cuda:1, coreml, directml, openvino, or auto, which falls back to cpu; or per session 'vision=cuda,decoder=cpu' (default ${DEFAULT-VALUE}).")
  private String device = "cpu";

  @Option(
      names = "--native-size-cap",
      description =
          "Do not upscale small pictures into several tiles (default: as the package says).")
  private boolean nativeSizeCap;

  @Option(
      names = "--family",
      paramLabel = "NAME",
      description =
          "Take the package for one of this family, whatever its model_type is; answers say so.")
  private @Nullable String family;

  @Option(
      names = "--special-tokens-in-text",
      description =
          "Let special tokens such as <image> act where a text spells them (default: they are text).")
  private boolean specialTokensInText;

  @Option(
      names = "--cuts",
      defaultValue = "auto",
      paramLabel = "auto|none|every|2,8,16",
      description =
          "Layers after which the decoder is cut, so that plans can act there; auto: where the plans act (default).")
  private String cuts = "auto";

  /** What of the package is loaded, and as what. */
  LoadOptions options() {
    return LoadOptions.DEFAULT
        .withVariants(variants())
        .withDevices(Devices.parse(device))
        .withNativeSizeCap(nativeSizeCap)
        .withFamily(family)
        .withSpecialTokensInTexts(specialTokensInText);
  }

  /** Loads the model for some plans. */
  VisionLanguageModel load(List<PruningPlan> plans) {
    return load(SessionSettings.DEFAULT, plans);
  }

  /** Loads the model for some plans. Prints the forms that were chosen by measurement. */
  VisionLanguageModel load(SessionSettings settings, List<PruningPlan> plans) {
    return load(options(), settings, plans);
  }

  /**
   * Loads the model for some plans and for questions that are decoded together.
   *
   * @param batch how many at most
   */
  VisionLanguageModel loadForBatches(int batch, List<PruningPlan> plans) {
    LoadOptions together = options().withBatching(BatchSettings.of(batch)).withEncodings(1);
    return load(together, SessionSettings.DEFAULT, plans);
  }

  /**
   * Loads the model for some plans and for conversations, whose prompts it holds for reuse, in as
   * much memory for each thread as for one.
   */
  VisionLanguageModel loadForChats(ThreadsOption threads, List<PruningPlan> plans) {
    LoadOptions alone = options();
    LoadOptions together =
        alone.withPrefixCacheBytes(Math.multiplyExact(alone.prefixCacheBytes(), threads.count()));
    return loadAsIs(together, threads.settings(), plans);
  }

  // A command asks once or measures complete prompts, so stored prompts and pictures are of no use.
  private VisionLanguageModel load(
      LoadOptions options, SessionSettings settings, List<PruningPlan> plans) {
    return loadAsIs(options.withPrefixCacheBytes(0).withPictureCacheBytes(0), settings, plans);
  }

  private VisionLanguageModel loadAsIs(
      LoadOptions options, SessionSettings settings, List<PruningPlan> plans) {
    VisionLanguageModel loaded =
        VisionLanguageModel.load(
            folder(), options.withSettings(settings).withCuts(Cuts.parse(cuts)).withPlans(plans));
    if (!variants().automatic().isEmpty()) {
      requireNonNull(command)
          .commandLine()
          .getErr()
          .println("fastest on this machine: --variant " + loaded.model().variants());
    }
    return loaded;
  }

  /**
   * Returns the chosen package. Generates a missing package of an architecture and downloads a
   * missing package of a hub.
   */
  Path folder() {
    return model == null ? defaultFolder() : folder(model, requireNonNull(command));
  }

  /** Finds a package by its folder, by {@code arch:NAME} or by {@code OWNER/NAME} on a hub. */
  Path folder(String model, CommandSpec command) {
    PrintWriter err = command.commandLine().getErr();
    return new ModelFolders(
            () -> new Hub(HubSettings.ofUser()),
            GraphCache.ofUser(),
            err::println,
            PullCommand.progress(err))
        .folder(model, variants());
  }

  Variants variants() {
    return chosen == null ? variant.variants() : chosen;
  }

  /** Whether {@code --variant} was given. */
  boolean hasVariants() {
    return variant.isGiven();
  }

  /** Loads other variants from now on, for commands that compare them. */
  void choose(Variants variants) {
    chosen = variants;
  }

  /** The package that comes with Squint. */
  static Path defaultFolder() {
    return home().resolve(Path.of("samples", "tiny-vlm", "package"));
  }

  /** The repository's folder, which the launcher sets. */
  static Path home() {
    String home = System.getProperty("squint.home", System.getenv("SQUINT_HOME"));
    if (home == null) {
      throw new IllegalArgumentException(
          "no --model was given, and neither SQUINT_HOME nor -Dsquint.home names the folder of Squint's own model; set one of the three");
    }
    return Path.of(home);
  }
}
