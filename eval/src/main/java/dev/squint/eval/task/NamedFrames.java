package dev.squint.eval.task;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.FrameRule;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Frames of clips as pictures with names: {@code a.mp4#frame=2/8} is the third of eight, {@code
 * a.mp4#t=1.5,4.0&frame=0/8} the first of the part from 1.5 to 4 seconds. The frames of a clip are
 * decoded together, and those of the last few clips are kept. Thread-safe.
 */
final class NamedFrames {

  private static final int KEPT_CLIPS = 4;
  private static final Pattern NAME =
      Pattern.compile("(.*)#(?:t=([0-9.]+),([0-9.]+|Infinity)&)?frame=(\\d+)/(\\d+)");

  private final Path root;

  private final Map<String, FutureTask<List<Picture>>> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, FutureTask<List<Picture>>> eldest) {
          return size() > KEPT_CLIPS;
        }
      };

  /** Reads clips of a folder. */
  NamedFrames(Path root) {
    this.root = root;
  }

  /** Returns the names of evenly chosen frames. */
  static List<String> names(String clip, double from, double to, int count) {
    boolean whole = from == 0 && to == Double.POSITIVE_INFINITY;
    String part = whole ? "" : "t=%s,%s&".formatted(from, to);
    return IntStream.range(0, count)
        .mapToObj(i -> "%s#%sframe=%d/%d".formatted(clip, part, i, count))
        .toList();
  }

  /**
   * Returns a frame; null if the name is not that of one.
   *
   * @throws IllegalArgumentException if the clip cannot be read
   */
  @Nullable Picture read(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    int index = Integer.parseInt(matcher.group(4));
    int count = Integer.parseInt(matcher.group(5));
    double from = matcher.group(2) == null ? 0 : Double.parseDouble(matcher.group(2));
    double to =
        matcher.group(3) == null ? Double.POSITIVE_INFINITY : Double.parseDouble(matcher.group(3));
    String key = name.substring(0, name.lastIndexOf("frame=")) + count;
    List<Picture> frames = frames(key, matcher.group(1), from, to, count);
    return frames.get(VideoFrames.evenly(frames.size(), count)[index]);
  }

  private List<Picture> frames(String key, String clip, double from, double to, int count) {
    FutureTask<List<Picture>> task;
    synchronized (known) {
      task =
          known.computeIfAbsent(
              key, absent -> new FutureTask<>(() -> decoded(clip, from, to, count)));
    }
    // Does nothing but for the first.
    task.run();
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("reading of %s was interrupted".formatted(clip), e);
    }
  }

  private List<Picture> decoded(String name, double from, double to, int count) {
    Path file = root.resolve(name).normalize();
    if (!file.startsWith(root.normalize())) {
      throw new IllegalArgumentException(
          "clip '%s' is outside the folder of its set".formatted(name));
    }
    try (Video video = open(file, name)) {
      ClipOptions part = ClipOptions.DEFAULT.between(from, to);
      return Clip.read(video, new FrameRule.Uniform(count), part).pictures();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw message.contains(name)
          ? e
          : new IllegalArgumentException("%s: %s".formatted(name, message), e);
    }
  }

  private static Video open(Path file, String name) {
    // FFmpeg reads no files inside a zip.
    if (file.getFileSystem().equals(FileSystems.getDefault())) {
      return new VideoReader().open(file);
    }
    try {
      return new VideoReader().open(Files.readAllBytes(file), name);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(file), e);
    }
  }
}
