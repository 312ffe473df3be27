package dev.squint.vision.tile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.vision.picture.Dimensions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Creates the tiler that a package's {@code preprocessor_config.json} describes.
 *
 * <p>The resource {@code image-processors.json} maps each image processor of transformers to a
 * tiler and its default values.
 */
public final class ImageTilers {

  /** Suffix of the same processor on another library. */
  private static final Pattern BACKEND = Pattern.compile("(Fast|Pil)$");

  /** Defaults of Qwen2-VL's video processor, for packages without video settings. */
  private static final int MAX_FRAME_TOKENS = 768;

  /** Default of Gemma 4's video processor. */
  private static final int SOFT_TOKENS_OF_FRAME = 70;

  private ImageTilers() {}

  /**
   * Makes the tiler for a configuration: by {@code image_processor_type}; by {@code
   * processor_class} where no image processor is named.
   *
   * @param config the content of {@code preprocessor_config.json}, or the object {@code
   *     image_processor} of {@code processor_config.json}
   * @throws IllegalArgumentException if no supported processor is named (the message lists them) or
   *     a value is invalid (the message has its key)
   */
  public static ImageTiler of(JsonNode config) {
    return of(config, null);
  }

  private static ImageTiler of(JsonNode config, @Nullable JsonNode video) {
    boolean frames = video != null;
    String type = type(config);
    String family = config.path("processor_class").asText("");
    JsonNode known = known();
    JsonNode defaults = known.get(withoutBackend(type));
    if (defaults == null && type.isEmpty()) {
      defaults = ofFamily(known, family);
    }
    if (defaults == null) {
      throw new IllegalArgumentException(
          "preprocessor_config.json has image_processor_type '%s' and processor_class '%s'; supported are %s"
              .formatted(type, family, names(known)));
    }
    PreprocessorSettings settings = new PreprocessorSettings(config, defaults);
    String tiler = defaults.get("tiler").textValue();
    return switch (tiler) {
      case "single" -> single(settings, settings.flag("pads_to_square") && settings.flag("do_pad"));
      case "longest-edge" -> longestEdge(settings);
      case "idefics3" -> video == null ? idefics3(settings) : squeezed(settings, video);
      case "any-res" -> frames ? single(settings, false) : anyRes(settings);
      case "closest-aspect" -> frames ? single(settings, false) : closestAspect(settings);
      case "hd" -> hd(settings, frames ? 1 : settings.positive("num_crops"));
      case "sheets" -> sheets(settings, !frames && settings.flag("do_image_splitting"));
      case "pan-and-scan" -> frames ? single(settings, false) : panAndScan(settings);
      case "whole-tokens" -> wholeTokens(settings);
      case "token-budget" -> tokenBudget(settings, video);
      case "smart-resize" -> video == null ? smartResize(settings) : frames(settings, video);
      default -> throw new IllegalStateException("image-processors.json has tiler " + tiler);
    };
  }

  /**
   * Makes the tiler for a configuration, with its native-size cap: small pictures are not enlarged
   * into several tiles. Only Idefics3, its relatives, InternVL and Phi-3.5-vision enlarge pictures;
   * other tilers are unchanged.
   *
   * @see #of
   */
  public static ImageTiler ofNativeSize(JsonNode config) {
    ObjectNode capped = config.deepCopy();
    return of(capped.put("native_size_cap", true));
  }

  /**
   * Makes the tiler for frames of a video: like pictures, but never cut into crops. Idefics3 and
   * its relatives scale a frame to one tile, LLaVA-OneVision to its global view; Qwen-VL bounds the
   * pixels of a frame, or of all frames together, as the video processor does.
   *
   * @param video content of {@code video_preprocessor_config.json} or of {@code video_processor} in
   *     {@code processor_config.json}; an empty object if there is neither
   * @see #of
   */
  public static FrameTiler ofFrames(JsonNode config, JsonNode video) {
    return new FrameTiler(of(config, video));
  }

  /** Whether a configuration names an image processor that is supported, or none. */
  public static boolean knows(JsonNode config) {
    String type = type(config);
    return type.isEmpty() || known().has(withoutBackend(type));
  }

  /**
   * The kind of tiler that a configuration asks for: {@code single}, {@code idefics3}, {@code
   * any-res}, {@code closest-aspect}, {@code hd}, {@code longest-edge}, {@code pan-and-scan},
   * {@code sheets}, {@code smart-resize}, {@code token-budget} or {@code whole-tokens}; empty if
   * its image processor is not supported.
   */
  public static Optional<String> kind(JsonNode config) {
    String type = type(config);
    JsonNode known = known();
    JsonNode defaults =
        type.isEmpty()
            ? ofFamily(known, config.path("processor_class").asText(""))
            : known.get(withoutBackend(type));
    return Optional.ofNullable(defaults).map(found -> found.get("tiler").textValue());
  }

  private static String type(JsonNode config) {
    String type = config.path("image_processor_type").asText("");
    return type.isEmpty() ? config.path("feature_extractor_type").asText("") : type;
  }

  private static String withoutBackend(String type) {
    return BACKEND.matcher(type).replaceFirst("");
  }

  private static JsonNode known() {
    try (InputStream in = ImageTilers.class.getResourceAsStream("image-processors.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable JsonNode ofFamily(JsonNode known, String family) {
    for (JsonNode defaults : known) {
      for (JsonNode name : defaults.get("families")) {
        if (name.textValue().equals(family)) {
          return defaults;
        }
      }
    }
    return null;
  }

  private static Set<String> names(JsonNode known) {
    Set<String> names = new TreeSet<>();
    for (Map.Entry<String, JsonNode> entry : known.properties()) {
      names.add(entry.getKey());
      StreamSupport.stream(entry.getValue().get("families").spliterator(), false)
          .map(JsonNode::textValue)
          .forEach(names::add);
    }
    return names;
  }

  private static SingleTiler single(PreprocessorSettings settings, boolean padding) {
    return new SingleTiler(
        padding ? background(settings) : null,
        settings.flag("do_resize") ? settings.target() : null,
        settings.filter(),
        settings.flag("do_center_crop") ? settings.dimensions("crop_size") : null,
        settings.scaling());
  }

  private static ImageTiler sheets(PreprocessorSettings settings, boolean splitting) {
    int tile = settings.positive("tile_size");
    PatchLayout layout =
        new PatchLayout(
            settings.positive("encoder_patch_size"), 1, settings.positive("downsample_factor"));
    return new SheetTiler(
        new ClosestAspectTiler(
            new Dimensions(tile, tile),
            settings.positive("min_tiles"),
            settings.positive("max_tiles"),
            settings.flag("native_size_cap"),
            settings.filter(),
            settings.scaling()),
        new SheetTiler.Whole(
            layout.tokenEdge(),
            settings.positive("min_image_tokens"),
            settings.positive("max_image_tokens"),
            settings.number("max_pixels_tolerance")),
        layout,
        splitting,
        settings.flag("use_thumbnail"));
  }

  private static SingleTiler wholeTokens(PreprocessorSettings settings) {
    Integer longest = settings.edge("size", "longest_edge");
    Dimensions box =
        longest == null ? settings.dimensions("size") : new Dimensions(longest, longest);
    Dimensions patch = settings.dimensions("patch_size");
    int merge = settings.positive("spatial_merge_size");
    return new SingleTiler(
        null,
        settings.flag("do_resize")
            ? new TargetSize.WholeTokens(
                box, new Dimensions(patch.width() * merge, patch.height() * merge))
            : null,
        settings.filter(),
        null,
        settings.scaling());
  }

  private static LongestEdgeTiler longestEdge(PreprocessorSettings settings) {
    for (String step : List.of("do_resize", "do_pad")) {
      if (!settings.flag(step)) {
        throw new IllegalArgumentException(
            "preprocessor_config.json has %s false but Janus takes squares; set it to true"
                .formatted(step));
      }
    }
    boolean own = settings.has("image_size");
    return new LongestEdgeTiler(
        own ? settings.positive("image_size") : settings.dimensions("size").width(),
        settings.positive("min_size"),
        !own,
        settings.has("background_color")
            ? colour(settings.colours("background_color"), 1)
            : background(settings),
        settings.filter(),
        settings.scaling());
  }

  private static int colour(double[] colours, double scale) {
    return (int) (colours[0] * scale) << 16
        | (int) (colours[1] * scale) << 8
        | (int) (colours[2] * scale);
  }

  /** Frames of a video have a number of visual tokens of their own. */
  private static SingleTiler tokenBudget(PreprocessorSettings settings, @Nullable JsonNode video) {
    int edge = settings.positive("patch_size") * settings.positive("pooling_kernel_size");
    int most =
        video == null
            ? settings.positive("max_soft_tokens")
            : video.path("max_soft_tokens").asInt(SOFT_TOKENS_OF_FRAME);
    return new SingleTiler(
        null,
        settings.flag("do_resize") ? new TargetSize.TokenBudget(most, edge) : null,
        settings.filter(),
        null,
        settings.scaling());
  }

  /** The mean colour, rounded down. */
  private static int background(PreprocessorSettings settings) {
    return colour(settings.colours("image_mean"), 255);
  }

  private static ImageTiler idefics3(PreprocessorSettings settings) {
    boolean resizing = settings.flag("do_resize");
    Integer longest = settings.edge("size", "longest_edge");
    return new Idefics3Tiler(
        resizing ? longest : null,
        resizing && longest == null ? settings.dimensions("size") : null,
        tileEdge(settings),
        settings.flag("do_image_splitting"),
        settings.flag("native_size_cap"),
        settings.filter(),
        settings.scaling());
  }

  /** Frames are first scaled to the video processor's size, if it has one, then to a tile. */
  private static ImageTiler squeezed(PreprocessorSettings settings, JsonNode video) {
    int longest =
        video
            .at("/size/longest_edge")
            .asInt(video.at("/video_sampling/video_size/longest_edge").asInt());
    return new Idefics3Tiler(
        longest > 0 ? longest : null,
        null,
        tileEdge(settings),
        false,
        false,
        settings.filter(),
        settings.scaling());
  }

  private static int tileEdge(PreprocessorSettings settings) {
    Integer tileEdge = settings.edge("max_image_size", "longest_edge");
    return tileEdge == null ? settings.positive("max_image_size") : tileEdge;
  }

  private static ImageTiler anyRes(PreprocessorSettings settings) {
    TargetSize size = settings.target();
    Dimensions globalView =
        size instanceof TargetSize.ShortestEdge square
            ? new Dimensions(square.length(), square.length())
            : settings.dimensions("size");
    int cropEdge =
        settings.has("crop_size") ? settings.dimensions("crop_size").height() : globalView.height();
    return new AnyResTiler(
        settings.dimensionsList("image_grid_pinpoints"),
        globalView,
        cropEdge,
        single(settings, false),
        settings.flag("tile_only_alone") ? single(settings, true) : null);
  }

  /** InternVL's processor asks for crops whatever {@code crop_to_patches} says. */
  private static ImageTiler closestAspect(PreprocessorSettings settings) {
    return new ClosestAspectTiler(
        settings.dimensions("size"),
        settings.positive("min_patches"),
        settings.positive("max_patches"),
        settings.flag("native_size_cap"),
        settings.filter(),
        settings.scaling());
  }

  private static ImageTiler hd(PreprocessorSettings settings, int most) {
    return new HdTiler(
        settings.positive("tile_size"),
        most,
        settings.flag("native_size_cap"),
        settings.filter(),
        settings.scaling());
  }

  private static ImageTiler panAndScan(PreprocessorSettings settings) {
    SingleTiler each = single(settings, false);
    return settings.flag("do_pan_and_scan")
        ? new PanAndScanTiler(
            settings.positive("pan_and_scan_min_crop_size"),
            settings.positive("pan_and_scan_max_num_crops"),
            settings.number("pan_and_scan_min_ratio_to_activate"),
            each)
        : each;
  }

  private static ImageTiler smartResize(PreprocessorSettings settings) {
    return smartResize(
        settings, minPixels(settings), maxPixels(settings), settings.flag("bounds_both_frames"));
  }

  /** Qwen2-VL's video processor bounds each frame, Qwen3-VL's all frames together. */
  private static ImageTiler frames(PreprocessorSettings settings, JsonNode video) {
    int edge = layout(settings).tokenEdge();
    long most = Math.min(maxPixels(settings), (long) MAX_FRAME_TOKENS * edge * edge);
    JsonNode size = video.path("size");
    String processor =
        video.path("video_processor_type").asText(video.path("processor_class").asText());
    return smartResize(
        settings,
        video.path("min_pixels").asLong(size.path("shortest_edge").asLong(minPixels(settings))),
        video.path("max_pixels").asLong(size.path("longest_edge").asLong(most)),
        processor.startsWith("Qwen3") && size.has("longest_edge"));
  }

  private static int minPixels(PreprocessorSettings settings) {
    Integer min = settings.edge("size", "shortest_edge");
    return settings.has("min_pixels") || min == null ? settings.positive("min_pixels") : min;
  }

  private static int maxPixels(PreprocessorSettings settings) {
    Integer max = settings.edge("size", "longest_edge");
    return settings.has("max_pixels") || max == null ? settings.positive("max_pixels") : max;
  }

  private static PatchLayout layout(PreprocessorSettings settings) {
    return new PatchLayout(
        settings.positive("patch_size"),
        settings.positive("temporal_patch_size"),
        settings.positive("merge_size"));
  }

  private static ImageTiler smartResize(
      PreprocessorSettings settings, long min, long max, boolean shared) {
    return new SmartResizeTiler(
        min,
        max,
        shared,
        settings.flag("do_resize"),
        layout(settings),
        settings.filter(),
        settings.scaling());
  }
}
