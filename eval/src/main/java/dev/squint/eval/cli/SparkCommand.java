package dev.squint.eval.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Lists the Spark job among the commands. The launcher starts it from its own jar. */
@Command(
    name = "spark",
    description =
        "Asks the rows of an input on a Spark cluster; './squint spark --help' lists the options.")
final class SparkCommand implements Callable<Integer> {

  @Unmatched private final List<String> options = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "the Spark job is a separate program; start it with './squint spark %s'"
            .formatted(String.join(" ", options)));
  }
}
