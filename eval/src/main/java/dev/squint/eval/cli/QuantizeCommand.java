package dev.squint.eval.cli;

import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.PackageQuantizer;
import dev.squint.llm.model.Session;
import dev.squint.vision.onnx.quantize.QuantizedForm;
import dev.squint.vision.onnx.quantize.QuantizedGraph;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes 8-bit and 4-bit forms of a package's fp32 graphs. */
@Command(
    name = "quantize",
    description = {
      "Writes 8-bit and 4-bit forms of a model's fp32 graphs, so that --variant finds them.",
      "To measure what they cost in accuracy: squint eval DATA --model MODEL --compare-variants \"fp32;q8;q4\""
    },
    mixinStandardHelpOptions = true)
final class QuantizeCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "The folder of a package with fp32 graphs.")
  private Path folder = Path.of("");

  @Option(
      names = "--to",
      split = ",",
      defaultValue = "q8",
      paramLabel = "FORM",
      description = {
        "Comma-separated forms (default: ${DEFAULT-VALUE}):",
        "q8: 8 bits, activations rounded while running; fastest for prompts and pictures.",
        "q8block: 8 bits in blocks of 32; rows of a batch do not change each other.",
        "q4: 4 bits in blocks of 32; smallest, fastest for single tokens."
      })
  private List<String> forms = List.of();

  @Option(
      names = "--sessions",
      split = ",",
      paramLabel = "SESSION",
      description = "Comma-separated graphs: vision, embed, decoder (default: all).")
  private List<String> sessions = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "New folder for a package of these forms alone (default: beside the fp32 graphs).")
  private @Nullable Path out;

  @Option(names = "--overwrite", description = "Replace forms that exist.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<QuantizedForm> wanted = forms.stream().map(QuantizedForm::of).distinct().toList();
    List<Session> chosen =
        sessions.isEmpty()
            ? Arrays.asList(Session.values())
            : sessions.stream().map(Session::of).distinct().toList();
    if (out != null && chosen.size() < Session.values().length) {
      throw new ParameterException(
          spec.commandLine(),
          "--out writes a complete package, so it cannot be used with --sessions; omit one of them");
    }
    ModelPackage model = ModelPackage.read(folder);
    if (out == null && !overwrite) {
      refuseExisting(model, chosen, wanted);
    }
    Path copy = out == null ? null : PackageQuantizer.copyWithoutGraphs(model, out);
    TextTable table = new TextTable("graph", "weights", "before", "after", "share");
    for (Session session : chosen) {
      for (QuantizedForm form : wanted) {
        QuantizedGraph written =
            copy == null
                ? PackageQuantizer.write(model, session, form)
                : PackageQuantizer.write(model, session, form, copy);
        table.row(
            String.valueOf(written.file().getFileName()),
            Integer.toString(written.weights()),
            megabytes(written.bytesBefore()),
            megabytes(written.bytesAfter()),
            String.format(
                Locale.ROOT, "%.2f", (double) written.bytesAfter() / written.bytesBefore()));
      }
    }
    PrintWriter printer = spec.commandLine().getOut();
    printer.print(table);
    return 0;
  }

  private void refuseExisting(
      ModelPackage model, List<Session> chosen, List<QuantizedForm> wanted) {
    List<String> existing =
        chosen.stream()
            .flatMap(
                session ->
                    wanted.stream()
                        .filter(form -> PackageQuantizer.exists(model, session, form))
                        .map(form -> session.key() + "=" + form.variant()))
            .toList();
    if (!existing.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "the package already has %s; use --overwrite to replace them, or --out for a new package"
              .formatted(String.join(", ", existing)));
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
