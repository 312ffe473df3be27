package dev.squint.eval.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.eval.bench.Benchmark;
import dev.squint.eval.bench.Report;
import dev.squint.eval.bench.Setting;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the speed of a model: decoder stages, plans, methods, threads and memory. */
@Command(
    name = "bench",
    description = "Measures a model's speed and writes the figures to OUT.json and OUT.md.",
    mixinStandardHelpOptions = true,
    subcommands = BenchCommand.OneSetting.class)
final class BenchCommand implements Callable<Integer> {

  private static final int SETTING_TOKENS = 256;
  private static final int LEAST_CACHED = 64;

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--out",
      paramLabel = "OUT",
      defaultValue = "bench",
      description = "Path of the two output files without extension (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("bench");

  @Option(
      names = "--parts",
      split = ",",
      paramLabel = "PART",
      description =
          "Comma-separated parts to measure: stages, drafts, plans, methods, cache, pictures, files, clips, cost, limits, encoder, clients, client-pictures, loading, forms, threads,"
              + " memory (default: all).")
  private List<String> parts = Benchmark.PARTS;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      paramLabel = "N",
      description = "Number of measured rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--tokens",
      defaultValue = "1157",
      paramLabel = "S",
      description =
          "Prompt length in tokens for 'stages', 'drafts' and 'forms' (default: ${DEFAULT-VALUE}, 1,088 of them visual on"
              + " SmolVLM).")
  private int tokens;

  @Option(
      names = "--edge",
      defaultValue = "2048",
      paramLabel = "PIXELS",
      description = "Edge of the square pictures in pixels (default: ${DEFAULT-VALUE}).")
  private int edge;

  @Option(
      names = "--plan",
      paramLabel = "PLAN",
      description =
          "Plan to compare with 'none' in 'plans', 'methods' and 'cache'; may be repeated (default: for"
              + " 'plans' layer2:fastv(keep=0.5) and encoder:uniform-grid(keep=0.25), for the"
              + " others every method between layers and every cache policy).")
  private List<String> plans = List.of();

  @Option(
      names = "--visual-tokens",
      split = ",",
      defaultValue = "1088,2880",
      paramLabel = "N",
      description =
          "Comma-separated visual token counts for 'methods' (default: ${DEFAULT-VALUE}).")
  private List<Integer> visualTokens = List.of();

  @Option(
      names = "--cached-tokens",
      split = ",",
      defaultValue = "1000,2000,4000",
      paramLabel = "N",
      description =
          "Comma-separated prompt lengths in tokens for 'cache' (default: ${DEFAULT-VALUE}).")
  private List<Integer> cachedTokens = List.of();

  @Option(
      names = "--tile-plan",
      paramLabel = "PLAN",
      description =
          "Plan to compare with 'none' on new pictures in 'pictures'; may be repeated (default: tiles:text(crops=4) and patches:text(keep=0.25)).")
  private List<String> tilePlans = List.of("tiles:text(crops=4)", "patches:text(keep=0.25)");

  @Option(
      names = "--clients",
      split = ",",
      defaultValue = "1,2,4,8,16",
      paramLabel = "N",
      description =
          "Comma-separated numbers of clients for 'clients' and 'client-pictures' (default: ${DEFAULT-VALUE}).")
  private List<Integer> clients = List.of();

  @Option(
      names = "--compare-variants",
      split = ";",
      paramLabel = "V;V",
      description =
          "Precision variants to compare in 'forms', such as 'fp32;q8;vision=q8,decoder=q4' (default: the one of --variant).")
  private List<String> compared = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!Benchmark.PARTS.containsAll(parts)) {
      throw wrong("--parts must be some of %s but was %s".formatted(Benchmark.PARTS, parts));
    }
    if (rounds < 1 || tokens < 2 || edge < 1) {
      throw wrong("--rounds and --edge must be at least 1, --tokens at least 2");
    }
    if (Collections.min(visualTokens) < 1 || Collections.min(cachedTokens) < LEAST_CACHED) {
      throw wrong(
          "--visual-tokens must be at least 1, --cached-tokens at least %d"
              .formatted(LEAST_CACHED));
    }
    if (!model.variants().automatic().isEmpty()) {
      throw wrong("--variant auto chooses by a measurement of its own; name the forms to measure");
    }
    if (!model.options().devices().areCpu()
        && parts.stream().anyMatch(List.of("loading", "threads", "memory")::contains)) {
      throw wrong(
          "the parts loading, threads and memory measure the processor; leave them out of --parts, or leave out --device");
    }
    if (Collections.min(clients) < 1) {
      throw wrong("--clients must be at least 1 but was " + clients);
    }
    List<Variants> forms = compared.stream().map(Variants::parse).toList();
    Path folder = folder(forms);
    PrintWriter err = spec.commandLine().getErr();
    Set<String> wanted = new LinkedHashSet<>(parts);
    Benchmark benchmark =
        new Benchmark(
            folder,
            model.options(),
            wanted,
            tokens,
            edge,
            rounds,
            parse(plans),
            visualTokens,
            cachedTokens,
            parse(tilePlans),
            clients,
            forms);
    Report report =
        benchmark.run(
            "squint "
                + String.join(" ", spec.commandLine().getParent().getParseResult().originalArgs()),
            out,
            setting -> OneSetting.start(folder, model.variants(), setting),
            part -> err.println("measuring " + part));
    report.write(out);
    spec.commandLine().getOut().print(report.markdown());
    return 0;
  }

  /** The package, with all forms that are compared. */
  private Path folder(List<Variants> forms) {
    if (forms.isEmpty()) {
      return model.folder();
    }
    if (model.hasVariants() || forms.stream().anyMatch(form -> !form.automatic().isEmpty())) {
      throw wrong("--compare-variants names the forms itself; omit --variant, and 'auto'");
    }
    forms.forEach(
        form -> {
          model.choose(form);
          model.folder();
        });
    model.choose(forms.get(0));
    return model.folder();
  }

  private static List<PruningPlan> parse(List<String> plans) {
    return plans.stream().map(PruningPlan::parse).toList();
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Measures one setting; the benchmark starts it as a separate process. */
  @Command(name = "setting", hidden = true)
  static final class OneSetting implements Callable<Integer> {

    private static final int ROUNDS = 3;

    // The first JDK with both options.
    private static final int WARNS_OF_NATIVE_ACCESS = 23;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--folder", required = true)
    private Path folder = Path.of("");

    @Option(names = "--variant")
    private @Nullable String variant;

    @Option(names = "--stages", required = true)
    private int stages;

    @Option(names = "--threads", required = true)
    private int threads;

    @Option(names = "--spin-micros", required = true)
    private int spinMicros;

    @Option(names = "--pool")
    private boolean pool;

    @Option(names = "--no-prepacking")
    private boolean noPrepacking;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
      Setting setting =
          new Setting(
              stages,
              SessionSettings.DEFAULT
                  .withThreads(threads)
                  .withSpinMicros(spinMicros)
                  .withOwnThreads(!pool)
                  .withPrepacking(!noPrepacking));
      Variants variants = variant == null ? Variants.ANY : Variants.parse(variant);
      double[] figures = setting.run(ModelPackage.read(folder, variants), SETTING_TOKENS, ROUNDS);
      spec.commandLine().getOut().println(JSON.writeValueAsString(figures));
      return 0;
    }

    /** Starts a process with this JVM and class path, and returns the figures that it prints. */
    static double[] start(Path folder, Variants variants, Setting setting) {
      SessionSettings settings = setting.settings();
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      System.getProperties().stringPropertyNames().stream()
          .filter(name -> name.startsWith("squint."))
          .forEach(name -> command.add("-D%s=%s".formatted(name, System.getProperty(name))));
      if (Runtime.version().feature() >= WARNS_OF_NATIVE_ACCESS) {
        // Native libraries are loaded, and protobuf reads memory, as in this process.
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
      }
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), Squint.class.getName()));
      command.addAll(List.of("bench", "setting", "--folder", folder.toString()));
      if (!variants.equals(Variants.ANY)) {
        command.addAll(List.of("--variant", variants.toString()));
      }
      command.addAll(List.of("--stages", Integer.toString(setting.stages())));
      command.addAll(List.of("--threads", Integer.toString(settings.threads())));
      command.addAll(List.of("--spin-micros", Integer.toString(settings.spinMicros())));
      if (!settings.ownThreads()) {
        command.add("--pool");
      }
      if (!settings.prepacking()) {
        command.add("--no-prepacking");
      }
      try {
        Process process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String printed =
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
          throw new IllegalStateException(
              "the command %s failed with exit code %d; its messages are above"
                  .formatted(command, code));
        }
        return JSON.readValue(printed, double[].class);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot start the command " + command, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(
            "interrupted while the command " + command + " was running", e);
      }
    }
  }
}
