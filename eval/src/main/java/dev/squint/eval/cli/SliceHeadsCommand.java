package dev.squint.eval.cli;

import dev.squint.llm.model.HeadFile;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.PackageSlicer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a package whose decoder lacks some heads. */
@Command(
    name = "slice-heads",
    description = {
      "Writes a package whose decoder lacks some attention heads: the weights of their queries and of the output projection are cut out.",
      "'squint calibrate --heads' makes the file that says which. A decoder that was not trained for it answers worse."
    },
    mixinStandardHelpOptions = true)
final class SliceHeadsCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "The folder of a package with fp32 graphs.")
  private Path folder = Path.of("");

  @Option(
      names = "--heads",
      required = true,
      paramLabel = "FILE",
      description = "JSON with 'inactive': for each layer the numbers of the heads that go.")
  private Path heads = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "New folder for the package.")
  private Path out = Path.of("");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<Set<Integer>> inactive = HeadFile.read(heads);
    PackageSlicer.write(ModelPackage.read(folder), inactive, out);
    spec.commandLine()
        .getOut()
        .printf("%s lacks %d heads%n", out, inactive.stream().mapToInt(Set::size).sum());
    return 0;
  }
}
