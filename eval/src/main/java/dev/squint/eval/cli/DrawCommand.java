package dev.squint.eval.cli;

import dev.squint.eval.scene.Scenes;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws fresh data sets. */
@Command(
    name = "draw",
    description = "Draws data sets with known answers and boxes by seed, for 'squint eval'.",
    mixinStandardHelpOptions = true)
final class DrawCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..*",
      paramLabel = "FAMILY",
      description = "shapes, text, charts or clips (default: all).")
  private List<String> families = List.of();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Gets a folder for each family.")
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "S",
      description = "Of the first scene (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--scenes",
      defaultValue = "100",
      paramLabel = "N",
      description = "Pictures or clips of each family (default ${DEFAULT-VALUE}).")
  private int scenes;

  @Option(
      names = "--edge",
      defaultValue = "96",
      paramLabel = "PIXELS",
      description = "Edge of the pictures, 48 to 2048 (default ${DEFAULT-VALUE}).")
  private int edge;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (scenes < 1 || edge < 48 || edge > 2048) {
      throw new ParameterException(
          spec.commandLine(),
          "--scenes must be at least 1 and --edge from 48 to 2048 but were %d and %d"
              .formatted(scenes, edge));
    }
    List<Scenes> drawn =
        families.isEmpty()
            ? List.of(Scenes.values())
            : families.stream().map(this::family).toList();
    for (Scenes family : drawn) {
      spec.commandLine().getOut().println(family.write(out, seed, scenes, edge));
    }
    return 0;
  }

  private Scenes family(String name) {
    return Arrays.stream(Scenes.values())
        .filter(family -> family.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "no family is called '%s'; there are %s"
                        .formatted(name, Arrays.toString(Scenes.values()))));
  }
}
