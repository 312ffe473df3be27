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

/** Draws synthetic data sets. */
@Command(
    name = "draw",
    description =
        "Draws synthetic data sets with known answers and boxes from a seed, for 'squint eval'.",
    mixinStandardHelpOptions = true)
final class DrawCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..*",
      paramLabel = "FAMILY",
      description = "Families to draw: shapes, text, charts or clips (default: all).")
  private List<String> families = List.of();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Output folder; gets one folder per family.")
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "S",
      description = "Seed of the first scene (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--scenes",
      defaultValue = "100",
      paramLabel = "N",
      description = "Number of pictures or clips per family (default ${DEFAULT-VALUE}).")
  private int scenes;

  @Option(
      names = "--edge",
      defaultValue = "96",
      paramLabel = "PIXELS",
      description = "Edge of the pictures in pixels, 48 to 2048 (default ${DEFAULT-VALUE}).")
  private int edge;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (scenes < 1 || edge < 48 || edge > 2048) {
      throw new ParameterException(
          spec.commandLine(),
          "--scenes must be at least 1 and --edge from 48 to 2048, but they were %d and %d"
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
                    "unknown family '%s'; choose from %s"
                        .formatted(name, Arrays.toString(Scenes.values()))));
  }
}
