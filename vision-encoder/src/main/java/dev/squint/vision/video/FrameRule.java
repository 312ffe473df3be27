package dev.squint.vision.video;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Selects the frames of a video that a model is given, by number, as the video processors of
 * transformers do.
 */
public sealed interface FrameRule {

  /**
   * Returns the numbers of the selected frames, ascending, at least one.
   *
   * @param frames number of frames of the video
   * @param framesPerSecond frame rate of the video
   */
  int[] choose(int frames, double framesPerSecond);

  /** Longest edge that frames are shrunk to first, 0 to keep their size. */
  default int longestEdge() {
    return 0;
  }

  /**
   * Returns the rule that a package's configuration describes.
   *
   * @param image content of {@code preprocessor_config.json}
   * @param video content of {@code video_preprocessor_config.json} or of {@code video_processor} in
   *     {@code processor_config.json}; an empty object if there is neither
   */
  static FrameRule of(JsonNode image, JsonNode video) {
    JsonNode sampling = video.has("video_sampling") ? video : image;
    sampling = sampling.path("video_sampling");
    String type = video.path("video_processor_type").asText("");
    String family = image.path("processor_class").asText(video.path("processor_class").asText(""));
    if (sampling.isObject() || type.equals("SmolVLMVideoProcessor")) {
      JsonNode edge = sampling.path("video_size").path("longest_edge");
      return new PerSecond(
          sampling.path("fps").asDouble(video.path("fps").asDouble(1)),
          sampling.path("max_frames").asInt(video.path("num_frames").asInt(64)),
          edge.asInt(video.path("size").path("longest_edge").asInt(512)));
    }
    if (type.startsWith("Qwen3") || family.startsWith("Qwen3")) {
      return new Spread(
          video.path("fps").asDouble(2),
          video.path("min_frames").asInt(4),
          video.path("max_frames").asInt(768));
    }
    if (type.startsWith("Qwen2") || family.startsWith("Qwen2")) {
      return new Pairs(
          video.path("fps").asDouble(2),
          video.path("min_frames").asInt(4),
          video.path("max_frames").asInt(768));
    }
    if (type.startsWith("InternVL") || family.startsWith("InternVL")) {
      return new Middles(video.path("num_frames").asInt(Uniform.DEFAULT_FRAMES));
    }
    if (type.startsWith("Gemma4") || family.startsWith("Gemma4")) {
      return new Starts(video.path("num_frames").asInt(Starts.DEFAULT_FRAMES));
    }
    return new Uniform(video.path("num_frames").asInt(Uniform.DEFAULT_FRAMES));
  }

  /**
   * Evenly spaced frames, from the first to the last.
   *
   * @param count number of frames, at least 1
   */
  record Uniform(int count) implements FrameRule {
    static final int DEFAULT_FRAMES = 8;

    public Uniform {
      if (count < 1) {
        throw new IllegalArgumentException("at least 1 frame must be chosen but was " + count);
      }
    }

    @Override
    public int[] choose(int frames, double framesPerSecond) {
      return linspace(0, frames - 1, Math.min(count, frames), false);
    }
  }

  /**
   * InternVL's rule: the middles of equally long parts of the video (transformers, {@code
   * video_processing_internvl.py}).
   *
   * @param count number of frames, at least 1; all frames of a video that has fewer
   */
  record Middles(int count) implements FrameRule {
    @Override
    public int[] choose(int frames, double framesPerSecond) {
      int chosen = Math.min(count, frames);
      double step = (double) frames / chosen;
      return IntStream.range(0, chosen).map(i -> (int) (step / 2 + i * step)).toArray();
    }
  }

  /**
   * Gemma 4's rule: the starts of equally long parts of the video (transformers, {@code
   * video_utils.py}).
   *
   * @param count number of frames, at least 1; all frames of a video that has fewer
   */
  record Starts(int count) implements FrameRule {
    static final int DEFAULT_FRAMES = 32;

    @Override
    public int[] choose(int frames, double framesPerSecond) {
      int chosen = Math.min(count, frames);
      return IntStream.range(0, chosen).map(i -> (int) ((long) i * frames / chosen)).toArray();
    }
  }

  /**
   * SmolVLM2's rule: a number of frames per second up to a maximum, then evenly spaced without the
   * first and the last second (transformers, {@code video_processing_smolvlm.py}).
   *
   * @param perSecond frames per second
   * @param most largest number of frames
   * @param longestEdge longest edge of resized frames, in pixels
   */
  record PerSecond(double perSecond, int most, int longestEdge) implements FrameRule {
    private static final double SKIPPED_SECONDS = 1;

    @Override
    public int[] choose(int frames, double framesPerSecond) {
      double seconds = frames / framesPerSecond;
      int count = (int) Math.max(1, Math.min(Math.rint(perSecond * seconds), most));
      int first = 0;
      int last = frames - 1;
      if (seconds - 2 * SKIPPED_SECONDS > most * perSecond) {
        first = (int) (SKIPPED_SECONDS * framesPerSecond);
        last = Math.min(last, (int) (frames - SKIPPED_SECONDS * framesPerSecond));
      }
      return linspace(first, last, count, false);
    }
  }

  /**
   * Rule of Qwen2-VL and Qwen2.5-VL: an even number of frames, evenly spaced from the first
   * (transformers, {@code video_processing_qwen2_vl.py}).
   *
   * @param perSecond frames per second
   * @param least smallest number of frames
   * @param most largest number of frames
   */
  record Pairs(double perSecond, int least, int most) implements FrameRule {
    @Override
    public int[] choose(int frames, double framesPerSecond) {
      double wanted = frames / framesPerSecond * perSecond;
      double count = Math.min(Math.min(Math.max(wanted, least), most), frames);
      int even = Math.max(1, (int) Math.floor(count / 2) * 2);
      double step = (double) frames / even;
      return IntStream.range(0, even).map(i -> (int) (i * step)).toArray();
    }
  }

  /**
   * Qwen3-VL's rule: evenly spaced from the first to the last (transformers, {@code
   * video_processing_qwen3_vl.py}).
   *
   * @param perSecond frames per second
   * @param least smallest number of frames
   * @param most largest number of frames
   */
  record Spread(double perSecond, int least, int most) implements FrameRule {
    @Override
    public int[] choose(int frames, double framesPerSecond) {
      int wanted = (int) (frames / framesPerSecond * perSecond);
      int count = Math.min(Math.min(Math.max(wanted, least), most), frames);
      return linspace(0, frames - 1, count, true);
    }
  }

  /** NumPy's linspace, rounded to whole numbers without duplicates. */
  private static int[] linspace(int first, int last, int count, boolean rounding) {
    double step = count == 1 ? 0 : (double) (last - first) / (count - 1);
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      double at = first + i * step;
      numbers[i] = i > 0 && i == count - 1 ? last : (int) (rounding ? Math.rint(at) : at);
    }
    return Arrays.stream(numbers).distinct().toArray();
  }
}
