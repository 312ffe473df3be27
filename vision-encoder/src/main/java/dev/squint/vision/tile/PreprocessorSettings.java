package dev.squint.vision.tile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.ResampleFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of {@code preprocessor_config.json}; absent or null values have the default of
 * the image processor's Python class.
 */
final class PreprocessorSettings {

  private final ObjectNode values;

  PreprocessorSettings(JsonNode config, JsonNode defaults) {
    values = defaults.deepCopy();
    config
        .properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                values.set(entry.getKey(), entry.getValue());
              }
            });
  }

  boolean has(String key) {
    return values.hasNonNull(key);
  }

  /** False if absent. */
  boolean flag(String key) {
    JsonNode value = values.path(key);
    if (!value.isBoolean() && !value.isMissingNode()) {
      throw wrong(key, "true or false");
    }
    return value.asBoolean(false);
  }

  int positive(String key) {
    return positive(values.path(key), key);
  }

  double number(String key) {
    JsonNode value = values.path(key);
    if (!value.isNumber()) {
      throw wrong(key, "a number");
    }
    return value.doubleValue();
  }

  ResampleFilter filter() {
    JsonNode code = values.path("resample");
    if (!code.isInt()) {
      throw wrong("resample", "a whole number");
    }
    return ResampleFilter.ofCode(code.intValue());
  }

  PixelScaling scaling() {
    boolean normalising = flag("do_normalize");
    return PixelScaling.of(
        flag("do_rescale") ? number("rescale_factor") : 1,
        normalising ? colours("image_mean") : new double[] {0, 0, 0},
        normalising ? colours("image_std") : new double[] {1, 1, 1});
  }

  /** Three numbers, or one that counts for all three. */
  double[] colours(String key) {
    JsonNode value = values.path(key);
    double[] colours = new double[3];
    for (int i = 0; i < 3; i++) {
      JsonNode colour = value.isArray() ? value.path(i) : value;
      if (!colour.isNumber() || (value.isArray() && value.size() != 3)) {
        throw wrong(key, "a number or three");
      }
      colours[i] = colour.doubleValue();
    }
    return colours;
  }

  /** One entry of an object such as {@code size}, or null. */
  @Nullable Integer edge(String key, String name) {
    JsonNode value = values.path(key).path(name);
    return value.isMissingNode() || value.isNull() ? null : positive(value, key + "." + name);
  }

  /** The target size that {@code size} describes. */
  TargetSize target() {
    String key = "size";
    Integer shortest = edge(key, "shortest_edge");
    Integer longest = edge(key, "longest_edge");
    if (shortest != null) {
      return longest == null
          ? new TargetSize.ShortestEdge(shortest)
          : new TargetSize.BoundedEdges(shortest, longest);
    }
    Integer maxHeight = edge(key, "max_height");
    Integer maxWidth = edge(key, "max_width");
    if (maxHeight != null && maxWidth != null) {
      return new TargetSize.Within(new Dimensions(maxWidth, maxHeight));
    }
    if (values.path(key).isInt() && !flag("default_to_square")) {
      return new TargetSize.ShortestEdge(positive(key));
    }
    return new TargetSize.Exact(dimensions(key));
  }

  /** A number for a square, [height, width], or an object with both. */
  Dimensions dimensions(String key) {
    JsonNode value = values.path(key);
    if (value.isInt()) {
      return new Dimensions(positive(key), positive(key));
    }
    if (value.isArray() && value.size() == 2) {
      return new Dimensions(positive(value.path(1), key), positive(value.path(0), key));
    }
    Integer height = edge(key, "height");
    Integer width = edge(key, "width");
    if (height == null || width == null) {
      throw wrong(
          key,
          "a number, [height, width], or an object with height and width, shortest_edge,"
              + " shortest_edge and longest_edge, or max_height and max_width");
    }
    return new Dimensions(width, height);
  }

  /** A list of [height, width]. */
  List<Dimensions> dimensionsList(String key) {
    List<Dimensions> list = new ArrayList<>();
    for (JsonNode pair : values.path(key)) {
      list.add(new Dimensions(positive(pair.path(1), key), positive(pair.path(0), key)));
    }
    if (list.isEmpty()) {
      throw wrong(key, "a list of [height, width]");
    }
    return list;
  }

  private int positive(JsonNode value, String key) {
    if (!value.isInt() || value.intValue() < 1) {
      throw wrong(key, "a whole number of at least 1");
    }
    return value.intValue();
  }

  private IllegalArgumentException wrong(String key, String allowed) {
    String top = key.contains(".") ? key.substring(0, key.indexOf('.')) : key;
    return new IllegalArgumentException(
        "preprocessor_config.json has %s %s but it must be %s"
            .formatted(key, values.path(top), allowed));
  }
}
