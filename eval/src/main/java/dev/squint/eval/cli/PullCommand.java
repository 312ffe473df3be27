package dev.squint.eval.cli;

import dev.squint.llm.hub.Hub;
import dev.squint.llm.hub.HubSettings;
import dev.squint.llm.hub.PullProgress;
import dev.squint.llm.hub.RepositoryName;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Downloads a model package from a hub. */
@Command(
    name = "pull",
    description = "Downloads a model package from a hub and prints its folder.",
    mixinStandardHelpOptions = true)
final class PullCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "OWNER/NAME[@REVISION]",
      description = "The package; without a revision, the current 'main'.")
  private String name = "";

  @Mixin private VariantOption variant = new VariantOption();

  @Option(
      names = "--hub",
      paramLabel = "ADDRESS",
      description =
          "Address of the hub (default: the environment variable SQUINT_HUB or HF_ENDPOINT, otherwise "
              + HubSettings.DEFAULT_HUB
              + ").")
  private @Nullable String hub;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RepositoryName wanted = RepositoryName.parse(name);
    HubSettings user = HubSettings.ofUser();
    HubSettings settings = hub == null ? user : user.withHub(hub);
    PrintWriter err = spec.commandLine().getErr();
    spec.commandLine()
        .getOut()
        .println(new Hub(settings).pull(wanted, variant.variants(), progress(err)));
    return 0;
  }

  /** Prints a download at its start, every 10 % and its end, and each request that is repeated. */
  static PullProgress progress(PrintWriter err) {
    return new PrintedProgress(err);
  }

  private static final class PrintedProgress implements PullProgress {

    private final PrintWriter err;
    private String last = "";

    PrintedProgress(PrintWriter err) {
      this.err = err;
    }

    @Override
    public void received(String file, long done, long size) {
      String line =
          size <= 0
              ? "%s: %.0f MB".formatted(file, Math.floor(done / 1e7) * 10)
              : String.format(
                  Locale.ROOT, "%s: %d %% of %.1f MB", file, done * 10 / size * 10, size / 1e6);
      if (!line.equals(last)) {
        last = line;
        err.println(line);
      }
    }

    @Override
    public void repeats(String what, String cause, int attempt, int attempts, Duration wait) {
      err.printf(
          Locale.ROOT,
          "%s: %s; attempt %d of %d in %.1f s%n",
          what,
          cause,
          attempt,
          attempts,
          wait.toMillis() / 1e3);
      err.flush();
    }
  }
}
