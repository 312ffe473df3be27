package dev.squint.eval.cli;

import dev.squint.vision.video.ClipOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say which frames of a video are looked at. */
final class ClipOption {

  /** Reading fewer frames is done before anybody wonders. */
  private static final int TELL_EVERY = 32;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "How many frames of a video are read, evenly (default: the model's own rule).")
  private @Nullable Integer frames;

  @Option(
      names = "--fps",
      paramLabel = "F",
      description = "How many frames a second are read instead.")
  private @Nullable Double fps;

  @Option(
      names = "--from",
      paramLabel = "SECONDS",
      description = "Where the part of a video begins that is asked about.")
  private @Nullable Double from;

  @Option(names = "--to", paramLabel = "SECONDS", description = "Where it ends.")
  private @Nullable Double to;

  /**
   * Which frames are wanted.
   *
   * @param video whether there is a video among the files
   */
  ClipOptions options(CommandSpec spec, boolean video) {
    if (!video && (frames != null || fps != null || from != null || to != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "--frames, --fps, --from and --to are for videos, and no file is a video");
    }
    PrintWriter err = spec.commandLine().getErr();
    try {
      ClipOptions options =
          ClipOptions.DEFAULT
              .between(from == null ? 0 : from, to == null ? Double.POSITIVE_INFINITY : to)
              .tellingProgress(
                  read -> {
                    if (read % TELL_EVERY == 0) {
                      err.println(read + " frames read");
                      err.flush();
                    }
                  });
      options = frames == null ? options : options.withFrames(frames);
      return fps == null ? options : options.withFramesPerSecond(fps);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** The times of frames in one line. */
  static String times(List<Double> seconds) {
    return seconds.stream()
        .map(time -> String.format(Locale.ROOT, "%.2f", time))
        .collect(Collectors.joining(", ", "[frames at ", " s]"));
  }
}
