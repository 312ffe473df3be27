package dev.squint.eval.cli;

import dev.squint.eval.calibrate.DomainFit;
import dev.squint.eval.calibrate.DomainRate;
import dev.squint.eval.calibrate.PictureFeatures;
import dev.squint.eval.run.JsonFiles;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.TrainingDomain;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.plan.PruningPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands for the check that flags pictures unlike the model's training data. */
@Command(
    name = "domain",
    description =
        "Fits and evaluates the check that flags pictures unlike the model's training data.",
    mixinStandardHelpOptions = true,
    subcommands = {DomainCommand.Fit.class, DomainCommand.Rates.class})
final class DomainCommand implements Callable<Integer> {

  private static final String FILE = "squint/domain.safetensors";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "'squint domain' needs a subcommand: fit or rates");
  }

  /** The last two names of a path, because sets in different folders may share a name. */
  private static String nameOf(Path path) {
    Path whole = path.toAbsolutePath().normalize();
    int names = whole.getNameCount();
    String name = whole.subpath(Math.max(0, names - 2), names).toString();
    return name.replace('\\', '/').replaceFirst("(?i)\\.zip$", "");
  }

  /** Fits the check and writes its file into the package. */
  @Command(
      name = "fit",
      description = {
        "Fits the check to pictures like the training data, and writes it into the model's package.",
        "DATA is a folder or a zip; all pictures in it and its subfolders are used."
      },
      mixinStandardHelpOptions = true)
  static final class Fit implements Callable<Integer> {

    @Mixin private ModelOption model = new ModelOption();

    @Option(
        names = "--data",
        required = true,
        arity = "1..*",
        paramLabel = "DATA",
        description = "Pictures like the training data.")
    private List<Path> data = List.of();

    @Option(
        names = "--held-out",
        required = true,
        arity = "1..*",
        paramLabel = "DATA",
        description = "Further pictures like the training data, to set the threshold.")
    private List<Path> heldOut = List.of();

    @Option(
        names = "--false-alarms",
        defaultValue = "0.01",
        paramLabel = "SHARE",
        description =
            "Allowed share of held-out pictures that are flagged (default ${DEFAULT-VALUE}).")
    private double falseAlarms;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      try (VisionLanguageModel loaded = model.load(List.of())) {
        PictureFeatures features = new PictureFeatures(loaded, PruningPlan.none());
        Matrix fitted = Matrix.stacked(data.stream().map(features::of).toList());
        Matrix others = Matrix.stacked(heldOut.stream().map(features::of).toList());
        TrainingDomain domain = DomainFit.fit(fitted, others, falseAlarms);
        Path file = loaded.model().folder().resolve(FILE);
        Files.createDirectories(file.getParent());
        domain.write(file);
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
            Locale.ROOT,
            "%s: fitted to %d pictures, threshold %.2f from %d held-out pictures%n",
            file,
            fitted.rows(),
            domain.threshold(),
            others.rows());
        if (!loaded.model().squintConfig().path("domain").path("file").asText().equals(FILE)) {
          out.printf("add this line to squint.json: \"domain\": {\"file\": \"%s\"}%n", FILE);
        }
        return 0;
      } catch (IOException e) {
        throw new UncheckedIOException("the package cannot be written", e);
      }
    }
  }

  /** Measures the rate of flagged pictures in sets inside and outside of the domain. */
  @Command(
      name = "rates",
      description =
          "Measures the share of each set's pictures that the check flags as unlike the training data.",
      mixinStandardHelpOptions = true)
  static final class Rates implements Callable<Integer> {

    @Mixin private ModelOption model = new ModelOption();

    @Option(
        names = "--like",
        arity = "1..*",
        paramLabel = "DATA",
        description = "Sets like the training data that were not used to fit.")
    private List<Path> like = List.of();

    @Option(
        names = "--unlike",
        arity = "1..*",
        paramLabel = "DATA",
        description = "Sets of pictures unlike the training data.")
    private List<Path> unlike = List.of();

    @Option(
        names = "--plan",
        defaultValue = "none",
        paramLabel = "PLAN",
        description = "Plan that acts inside the encoder or downsamples pictures (default: none).")
    private String plan = "none";

    @Option(
        names = "--out",
        required = true,
        paramLabel = "OUT",
        description = "Path of the output files without extension; writes OUT.md and OUT.json.")
    private Path out = Path.of("");

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      PruningPlan parsed = PruningPlan.parse(plan);
      try (VisionLanguageModel loaded = model.load(List.of())) {
        loaded.check(parsed);
        TrainingDomain domain =
            TrainingDomain.of(loaded.model())
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "squint.json of %s names no domain; run 'squint domain fit' to create one"
                                .formatted(loaded.model().name())));
        PictureFeatures features = new PictureFeatures(loaded, parsed);
        List<DomainRate> rates = new ArrayList<>();
        Stream.of(like, unlike)
            .forEach(
                sets ->
                    sets.forEach(
                        set ->
                            rates.add(rate(domain, features.of(set), nameOf(set), sets == like))));
        JsonFiles.write(out.resolveSibling(out.getFileName() + ".json"), rates);
        String table = table(rates);
        JsonFiles.writeText(out.resolveSibling(out.getFileName() + ".md"), table);
        spec.commandLine().getOut().print(table);
        return 0;
      }
    }

    private static DomainRate rate(
        TrainingDomain domain, Matrix features, String name, boolean like) {
      int outside = 0;
      for (int i = 0; i < features.rows(); i++) {
        outside += domain.isOutside(features.row(i)) ? 1 : 0;
      }
      return new DomainRate(name, like, features.rows(), outside);
    }

    private String table(List<DomainRate> rates) {
      StringBuilder table = new StringBuilder("# Pictures flagged as unlike the training data\n\n");
      table.append("Written by `squint domain rates`");
      table.append(plan.equals("none") ? "" : " with the plan `%s`".formatted(plan));
      table.append("; Wilson's 95 % intervals.\n\n");
      table.append("| set | like the training data | pictures | flagged | share, % |\n");
      table.append("|---|---|---:|---:|---:|\n");
      for (DomainRate rate : rates) {
        table.append(
            String.format(
                Locale.ROOT,
                "| %s | %s | %d | %d | %.1f [%.1f, %.1f] |%n",
                rate.set(),
                rate.like() ? "yes" : "no",
                rate.pictures(),
                rate.outside(),
                100 * rate.share(),
                100 * rate.interval().low(),
                100 * rate.interval().high()));
      }
      return table.toString();
    }
  }
}
