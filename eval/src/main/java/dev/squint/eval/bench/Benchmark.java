package dev.squint.eval.bench;

import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A speed benchmark of one model.
 *
 * @param folder the model package
 * @param options how the model is loaded; its plans are those that are measured
 * @param parts names from {@link #PARTS}
 * @param promptTokens length of the random prompts, in tokens
 * @param edge edge of the square pictures, in pixels
 * @param rounds number of measured rounds
 * @param plans plans to compare with {@code none}; empty for the default plans of each part
 * @param visualTokens visual token counts for the part {@code methods}
 * @param cachedTokens prompt lengths for the part {@code cache}
 * @param tilePlans plans to compare with {@code none} on new pictures
 * @param clients numbers of clients that ask at the same time
 * @param forms precision variants to compare; empty for that of the options alone
 */
public record Benchmark(
    Path folder,
    LoadOptions options,
    Set<String> parts,
    int promptTokens,
    int edge,
    int rounds,
    List<PruningPlan> plans,
    List<Integer> visualTokens,
    List<Integer> cachedTokens,
    List<PruningPlan> tilePlans,
    List<Integer> clients,
    List<Variants> forms) {

  /** Names of the parts. */
  public static final List<String> PARTS =
      List.of(
          "stages",
          "drafts",
          "plans",
          "methods",
          "cache",
          "pictures",
          "files",
          "clips",
          "cost",
          "limits",
          "encoder",
          "clients",
          "client-pictures",
          "loading",
          "forms",
          "threads",
          "memory");

  /** Answers that are decoded together, beside each by itself. */
  private static final int ROWS = 8;

  private static final List<PruningPlan> PLANS =
      Stream.of("layer2:fastv(keep=0.5)", "encoder:uniform-grid(keep=0.25)")
          .map(PruningPlan::parse)
          .toList();

  /**
   * Runs the benchmark.
   *
   * @param command the command line, written beside the figures
   * @param out the output file, beside which large files may lie while they are measured
   * @param process runs one setting in a separate process
   * @param progress receives the name of each part before it is measured
   */
  public Report run(
      String command, Path out, Function<Setting, double[]> process, Consumer<String> progress) {
    ModelPackage model = ModelPackage.read(folder, options.variants(), options.family());
    List<Section> sections = new ArrayList<>();
    if (parts.contains("loading")) {
      progress.accept("loading");
      sections.add(LoadBench.measure(model, rounds, out));
    }
    if (parts.contains("forms")) {
      progress.accept("forms");
      List<Variants> compared = forms.isEmpty() ? List.of(options.variants()) : forms;
      sections.add(FormBench.measure(folder, options, compared, promptTokens, rounds));
    }
    addDecoders(model, sections, progress);
    addAnswers(sections, out, progress);
    if (parts.contains("methods")) {
      List<PruningPlan> compared = plansOr(MethodBench.plans(Decoders.layers(model)));
      try (VisionLanguageModel loaded = load(compared)) {
        for (int tokens : visualTokens) {
          progress.accept("methods on %d visual tokens".formatted(tokens));
          sections.add(MethodBench.measure(loaded, tokens, compared, rounds));
        }
      }
    }
    if (parts.contains("cache")) {
      List<PruningPlan> compared = plansOr(CacheBench.PLANS);
      try (VisionLanguageModel loaded = load(compared)) {
        for (int tokens : cachedTokens) {
          progress.accept("cache of %d tokens".formatted(tokens));
          sections.add(CacheBench.measure(loaded, tokens, compared));
        }
      }
    }
    addClients(sections, progress);
    addSettings(sections, process, progress);
    return Report.of(model.name(), model.note().orElse(null), command, sections);
  }

  /** Adds the parts that ask a loaded model. */
  private void addAnswers(List<Section> sections, Path out, Consumer<String> progress) {
    if (parts.stream()
        .anyMatch(
            Set.of("plans", "pictures", "files", "clips", "cost", "limits", "encoder")::contains)) {
      List<PruningPlan> compared = plansOr(PLANS);
      try (VisionLanguageModel loaded = load(compared)) {
        if (parts.contains("plans")) {
          progress.accept("plans");
          sections.add(PlanBench.measure(loaded, PictureBench.picture(edge, -1), compared, rounds));
        }
        if (parts.contains("cost")) {
          progress.accept("cost");
          sections.add(CostBench.measure(loaded, rounds));
        }
        if (parts.contains("limits")) {
          progress.accept("limits");
          sections.add(
              new LimitBench(loaded, options, MatrixChain.LARGE, MachineLimit.LEAST_BYTES)
                  .measure(promptTokens, rounds, out));
        }
        if (parts.contains("encoder")) {
          progress.accept("encoder");
          SessionSettings settings = options.settings(Session.VISION_ENCODER);
          sections.addAll(EncoderBench.measure(loaded, settings, rounds));
        }
        if (parts.contains("pictures")) {
          progress.accept("pictures");
          int fewer = Math.max(1, rounds / 2);
          sections.add(PictureBench.pictures(loaded, edge, withNone(tilePlans), fewer));
        }
        if (parts.contains("files")) {
          progress.accept("files");
          sections.add(FileBench.measure(loaded, edge, rounds));
        }
        if (parts.contains("clips")) {
          progress.accept("clips");
          sections.add(PictureBench.clips(loaded, rounds));
        }
      }
    }
  }

  private void addSettings(
      List<Section> sections, Function<Setting, double[]> process, Consumer<String> progress) {
    if (parts.contains("threads")) {
      progress.accept("threads");
      int cores = Runtime.getRuntime().availableProcessors();
      sections.add(SettingBench.threads(cores, rounds, process));
    }
    if (parts.contains("memory")) {
      progress.accept("memory");
      sections.add(SettingBench.memory(Math.max(1, rounds / 2), process));
    }
  }

  private void addDecoders(ModelPackage model, List<Section> sections, Consumer<String> progress) {
    if (parts.contains("stages")) {
      progress.accept("stages");
      SessionSettings settings = options.settings(Session.DECODER);
      sections.add(StageBench.measure(model, promptTokens, rounds, settings));
    }
    if (parts.contains("drafts")) {
      progress.accept("drafts");
      SessionSettings settings = options.settings(Session.DECODER);
      sections.add(DraftBench.measure(model, promptTokens, rounds, settings));
    }
  }

  private void addClients(List<Section> sections, Consumer<String> progress) {
    for (boolean pictures : new boolean[] {false, true}) {
      String part = pictures ? "client-pictures" : "clients";
      if (parts.contains(part)) {
        progress.accept(part);
        LoadOptions own = pictures ? options.withNativeSizeCap(true) : options;
        sections.add(new ClientsBench(folder, own, clients, ROWS).measure(pictures));
      }
    }
  }

  private VisionLanguageModel load(List<PruningPlan> compared) {
    return VisionLanguageModel.load(folder, options.withPlans(compared));
  }

  private List<PruningPlan> plansOr(List<PruningPlan> ofPart) {
    return withNone(plans.isEmpty() ? ofPart : plans);
  }

  private static List<PruningPlan> withNone(List<PruningPlan> plans) {
    List<PruningPlan> all = new ArrayList<>(List.of(PruningPlan.parse("none")));
    all.addAll(plans);
    return all;
  }
}
