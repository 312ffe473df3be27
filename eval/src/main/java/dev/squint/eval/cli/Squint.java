package dev.squint.eval.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line {@code squint}. Exit codes: 0 for success, 2 for wrong usage, 1 for any other
 * error. An error is reported as one line on standard error.
 */
@Command(
    name = "squint",
    description =
        "Answers questions about pictures and videos, looking only at the visual tokens that matter.",
    subcommands = {
      AskCommand.class,
      ServeCommand.class,
      SparkCommand.class,
      MethodsCommand.class,
      InspectCommand.class,
      EvalCommand.class,
      TurnsCommand.class,
      CalibrateCommand.class,
      DomainCommand.class,
      TasksCommand.class,
      ReportCommand.class,
      ExportCommand.class,
      PapersCommand.class,
      VerifyResultsCommand.class,
      DecodeTableCommand.class,
      DrawCommand.class,
      PullCommand.class,
      QuantizeCommand.class,
      SliceHeadsCommand.class,
      BenchCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    version = "squint 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    footer = "'squint help COMMAND' lists the options of a command.")
public final class Squint {

  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  private Squint() {}

  /** Runs one command and exits the JVM with its exit code. */
  public static void main(String[] args) {
    // Models are local files; DJL must not access the network.
    System.setProperty("ai.djl.offline", "true");
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = run(out, err, args);
    System.exit(code);
  }

  /** Runs one command and returns its exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine command = new CommandLine(new Squint());
    command.setOut(out);
    command.setErr(err);
    command.setParameterExceptionHandler(
        (wrong, given) -> {
          err.println("squint: " + oneLine(describe(wrong, command)));
          err.println("Try 'squint %s--help'.".formatted(name(wrong.getCommandLine())));
          return WRONG_USAGE;
        });
    command.setExecutionExceptionHandler(
        (failure, subcommand, given) -> {
          if (failure instanceof ParameterException wrong) {
            return command.getParameterExceptionHandler().handleParseException(wrong, args);
          }
          err.println("squint: " + describe(failure));
          return FAILED;
        });
    int code = args.length == 0 ? usage(command, err) : command.execute(args);
    out.flush();
    err.flush();
    return code;
  }

  private static int usage(CommandLine command, PrintWriter err) {
    command.usage(err);
    return WRONG_USAGE;
  }

  private static @Nullable String describe(ParameterException wrong, CommandLine root) {
    return wrong instanceof UnmatchedArgumentException unmatched
            && wrong.getCommandLine() == root
            && !unmatched.isUnknownOption()
        ? "no command is called '%s'; there are %s"
            .formatted(unmatched.getUnmatched().get(0), root.getSubcommands().keySet())
        : wrong.getMessage();
  }

  private static String name(CommandLine command) {
    return command.getParent() == null ? "" : command.getCommandName() + " ";
  }

  // Messages of these exceptions are complete; for others the class name helps.
  private static String describe(Throwable failure) {
    boolean ours =
        failure instanceof IllegalArgumentException
            || failure instanceof IllegalStateException
            || failure instanceof UncheckedIOException;
    String message = oneLine(failure.getMessage());
    return ours && !message.isEmpty()
        ? message
        : failure.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message);
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "" : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
