package dev.squint.eval.cli;

import dev.squint.eval.run.Machine;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoHeader;
import dev.squint.vision.video.VideoReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the speed of video decoding. */
@Command(
    name = "decode-table",
    description = "Decodes every frame of videos and prints a table of container, codec and time.",
    mixinStandardHelpOptions = true)
final class DecodeTableCommand implements Callable<Integer> {

  private static final int RUNS = 3;
  private static final double FRAMES = 100;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Video files.")
  private List<Path> files = List.of();

  @Option(
      names = "--out",
      paramLabel = "TABLE.md",
      description = "Also write the table to this file.")
  private @Nullable Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    StringBuilder table = new StringBuilder();
    table.append("# Decoding\n\n`squint ");
    table.append(String.join(" ", spec.root().commandLine().getParseResult().originalArgs()));
    table.append("`, the fastest of %d runs, on %s\n\n".formatted(RUNS, machine()));
    table.append("| file | container | codec | frames | size | seconds for 100 frames |\n");
    table.append("|---|---|---|---:|---|---:|\n");
    for (Path file : files) {
      table.append(row(file)).append('\n');
    }
    spec.commandLine().getOut().print(table);
    if (out != null) {
      try {
        Files.writeString(out, table);
      } catch (IOException e) {
        throw new UncheckedIOException(out + " cannot be written", e);
      }
    }
    return 0;
  }

  private static String machine() {
    Machine here = Machine.here();
    return "%d cores of %s, Java %s".formatted(here.cores(), here.processor(), here.java());
  }

  private static String row(Path file) {
    String name = file.getFileName().toString();
    try (Video video = new VideoReader().open(file)) {
      VideoHeader header = video.header();
      double[] times = IntStream.range(0, header.frames()).mapToDouble(header::secondsOf).toArray();
      double fastest =
          IntStream.range(0, RUNS).mapToDouble(run -> seconds(video, times)).min().orElseThrow();
      return String.format(
          Locale.ROOT,
          "| %s | %s | %s | %d | %d x %d | %.2f |",
          name,
          header.container(),
          header.codec(),
          header.frames(),
          header.width(),
          header.height(),
          fastest * FRAMES / header.frames());
    } catch (IllegalArgumentException e) {
      return "| %s | | | | | %s |"
          .formatted(name, String.valueOf(e.getMessage()).replace(file.toString(), "it"));
    }
  }

  private static double seconds(Video video, double[] times) {
    long start = System.nanoTime();
    video.frames(times, frame -> {}, () -> false);
    return (System.nanoTime() - start) / 1e9;
  }
}
