package dev.squint.vision.video;

import dev.squint.vision.picture.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Selected frames of a video, in memory.
 *
 * @param seconds length of the video
 * @param frames in ascending order of time, at least one
 */
public record Clip(double seconds, List<VideoFrame> frames) {

  /** Longer edges are shrunk to this, so that hundreds of frames fit into memory. */
  private static final int MAX_EDGE = 1024;

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is no frame or they are not in order
   */
  public Clip {
    frames = List.copyOf(frames);
    if (frames.isEmpty()) {
      throw new IllegalArgumentException("a clip has at least one frame");
    }
    for (int i = 1; i < frames.size(); i++) {
      if (!(frames.get(i).seconds() > frames.get(i - 1).seconds())) {
        throw new IllegalArgumentException(
            "frames must be in the order of time but %s seconds come after %s"
                .formatted(frames.get(i).seconds(), frames.get(i - 1).seconds()));
      }
    }
  }

  /**
   * Makes a clip of pictures, at a fixed number of frames per second.
   *
   * @throws IllegalArgumentException if there are none or the rate is not positive
   */
  public static Clip of(List<Picture> pictures, double framesPerSecond) {
    if (!(framesPerSecond > 0)) {
      throw new IllegalArgumentException(
          "frames a second must be above 0 but were " + framesPerSecond);
    }
    return new Clip(
        pictures.size() / framesPerSecond,
        IntStream.range(0, pictures.size())
            .mapToObj(i -> new VideoFrame(i / framesPerSecond, pictures.get(i)))
            .toList());
  }

  /**
   * Reads the frames that a rule selects.
   *
   * @throws IllegalArgumentException if the part lies outside of the video, has too many frames, or
   *     the video is damaged; or if reading was cancelled before the first frame
   */
  public static Clip read(Video video, FrameRule rule, ClipOptions options) {
    VideoHeader header = video.header();
    double[] times = times(header, rule, options);
    if (times.length > options.maxFrames()) {
      throw new IllegalArgumentException(
          "%d frames were asked for but at most %d are read; ask for fewer, or about a shorter part"
              .formatted(times.length, options.maxFrames()));
    }
    List<VideoFrame> frames = new ArrayList<>();
    video.frames(
        times,
        frame -> {
          frames.add(held(frame, rule));
          options.onFrame().accept(frames.size());
        },
        options.cancelled());
    return new Clip(header.seconds(), frames);
  }

  /**
   * Returns the times of the frames that a rule selects, ascending, in seconds.
   *
   * @throws IllegalArgumentException if the part lies outside of the video
   */
  public static double[] times(VideoHeader header, FrameRule rule, ClipOptions options) {
    int first = header.times().firstFrom(options.from());
    int last = header.times().shownAt(Math.min(options.to(), header.seconds()));
    if (first > last) {
      throw new IllegalArgumentException(
          "from %s to %s seconds there is no frame: the video is %.2f seconds long"
              .formatted(options.from(), options.to(), header.seconds()));
    }
    int count = last - first + 1;
    int[] chosen =
        chosenRule(rule, options, count, header.framesPerSecond())
            .choose(count, header.framesPerSecond());
    return Arrays.stream(chosen).mapToDouble(i -> header.secondsOf(first + i)).toArray();
  }

  private static FrameRule chosenRule(
      FrameRule rule, ClipOptions options, int frames, double rate) {
    if (options.frames().isPresent()) {
      return new FrameRule.Uniform(options.frames().getAsInt());
    }
    if (options.perSecond().isPresent()) {
      double wanted = Math.rint(frames / rate * options.perSecond().getAsDouble());
      return new FrameRule.Uniform((int) Math.max(1, Math.min(wanted, frames)));
    }
    return rule;
  }

  private static VideoFrame held(VideoFrame frame, FrameRule rule) {
    return new VideoFrame(
        frame.seconds(),
        frame.picture().withLongestEdge(longestEdge(rule), rule.longestEdge() > 0));
  }

  private static int longestEdge(FrameRule rule) {
    return rule.longestEdge() > 0 ? rule.longestEdge() : MAX_EDGE;
  }

  /** Returns the largest number of pixels that a frame has after reading. */
  public static long framePixels(VideoHeader header, FrameRule rule) {
    long edge = longestEdge(rule);
    long longest = Math.max(header.width(), header.height());
    if (longest <= edge && rule.longestEdge() == 0) {
      return (long) header.width() * header.height();
    }
    // One more row, as sizes are rounded up to even ones.
    return edge * (1 + edge * Math.min(header.width(), header.height()) / longest);
  }

  /** Returns this clip with its frames scaled as {@link #read} does. */
  public Clip asRead(FrameRule rule) {
    return new Clip(seconds, frames.stream().map(frame -> held(frame, rule)).toList());
  }

  /**
   * Seconds from one frame to the next: for a whole video its length divided by its number of
   * frames, as in transformers; for a part the mean distance.
   */
  public double secondsPerFrame() {
    double each = seconds / frames.size();
    double first = frames.get(0).seconds();
    double last = frames.get(frames.size() - 1).seconds();
    boolean whole = first < each && last + 2 * each > seconds;
    return whole || frames.size() == 1 ? each : (last - first) / (frames.size() - 1);
  }

  /** Returns the pictures without their times. */
  public List<Picture> pictures() {
    return frames.stream().map(VideoFrame::picture).toList();
  }

  /** Returns the times of the frames, [F], in seconds. */
  public double[] times() {
    return frames.stream().mapToDouble(VideoFrame::seconds).toArray();
  }
}
