package dev.squint.eval.bench;

import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Measures a model, part by part.
 *
 * @param folder the model's package
 * @param variants which form of each graph
 * @param parts which of {@link #PARTS}
 * @param promptTokens length of prompts of random embeddings
 * @param edge of the pictures that are asked about, in pixels
 * @param rounds how often everything runs
 * @param plans compared with none
 * @param tilePlans compared with none on new pictures
 */
public record Benchmark(
    Path folder,
    Variants variants,
    Set<String> parts,
    int promptTokens,
    int edge,
    int rounds,
    List<PruningPlan> plans,
    List<PruningPlan> tilePlans) {

  /** What can be measured. */
  public static final List<String> PARTS =
      List.of("stages", "plans", "pictures", "cost", "threads", "memory");

  /**
   * Measures.
   *
   * @param command that asked for it, to be written beside the figures
   * @param process runs a setting in a process of its own
   * @param progress is told what is measured
   */
  public Report run(
      String command, Function<Setting, double[]> process, Consumer<String> progress) {
    ModelPackage model = ModelPackage.read(folder, variants);
    List<Section> sections = new ArrayList<>();
    if (parts.contains("stages")) {
      progress.accept("stages");
      sections.add(StageBench.measure(model, promptTokens, rounds, SessionSettings.DEFAULT));
    }
    if (parts.contains("plans") || parts.contains("pictures") || parts.contains("cost")) {
      LoadOptions options = LoadOptions.DEFAULT.withVariants(variants).withPlans(plans);
      try (VisionLanguageModel loaded = VisionLanguageModel.load(folder, options)) {
        if (parts.contains("plans")) {
          progress.accept("plans");
          sections.add(
              PlanBench.measure(loaded, PictureBench.picture(edge, -1), withNone(plans), rounds));
        }
        if (parts.contains("cost")) {
          progress.accept("cost");
          sections.add(CostBench.measure(loaded, rounds));
        }
        if (parts.contains("pictures")) {
          progress.accept("pictures");
          int fewer = Math.max(1, rounds / 2);
          sections.add(PictureBench.measure(loaded, edge, withNone(tilePlans), fewer));
        }
      }
    }
    if (parts.contains("threads")) {
      progress.accept("threads");
      int cores = Runtime.getRuntime().availableProcessors();
      sections.add(SettingBench.threads(cores, rounds, process));
    }
    if (parts.contains("memory")) {
      progress.accept("memory");
      sections.add(SettingBench.memory(Math.max(1, rounds / 2), process));
    }
    return Report.of(model.name(), model.note().orElse(null), command, sections);
  }

  private static List<PruningPlan> withNone(List<PruningPlan> plans) {
    List<PruningPlan> all = new ArrayList<>(List.of(PruningPlan.parse("none")));
    all.addAll(plans);
    return all;
  }
}
