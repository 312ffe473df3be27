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

/** Options that select the frames of a video. */
final class ClipOption {

  /** Frames read before progress is reported; fewer take too short to need it. */
  private static final int TELL_EVERY = 32;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description =
          "Number of evenly spaced frames to read from a video (default: the model's own rule).")
  private @Nullable Integer frames;

  @Option(
      names = "--fps",
      paramLabel = "F",
      description = "Frames per second to read, instead of --frames.")
  private @Nullable Double fps;

  @Option(
      names = "--from",
      paramLabel = "SECONDS",
      description = "Start of the part of the video to use.")
  private @Nullable Double from;

  @Option(
      names = "--to",
      paramLabel = "SECONDS",
      description = "End of the part of the video to use.")
  private @Nullable Double to;

  /**
   * Returns the selected frames.
   *
   * @param video whether there is a video among the files
   */
  ClipOptions options(CommandSpec spec, boolean video) {
    if (!video && (frames != null || fps != null || from != null || to != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "--frames, --fps, --from and --to need a video, but no file is a video; leave them out");
    }
    PrintWriter err = spec.commandLine().getErr();
    try {
      ClipOptions options =
          ClipOptions.DEFAULT
              .between(from == null ? 0 : from, to == null ? Double.POSITIVE_INFINITY : to)
              .withProgress(
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

  /** Formats the times of frames as one line. */
  static String times(List<Double> seconds) {
    return seconds.stream()
        .map(time -> String.format(Locale.ROOT, "%.2f", time))
        .collect(Collectors.joining(", ", "[frames at ", " s]"));
  }
}
