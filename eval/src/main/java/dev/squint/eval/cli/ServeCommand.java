package dev.squint.eval.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Lists the server among the commands. The launcher starts the server from its own jar. */
@Command(
    name = "serve",
    description =
        "Starts the HTTP server with its web page; './squint serve --help' lists the settings.")
final class ServeCommand implements Callable<Integer> {

  @Unmatched private final List<String> settings = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "the server is a separate program; start it with './squint serve %s' or 'java -jar webapp/target/squint.jar'"
            .formatted(String.join(" ", settings)));
  }
}
