package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.vision.tile.ImageTilers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts together what the files of a package say about its image processor. */
final class ImageProcessorConfig {

  private static final String PIXTRAL = "PixtralProcessor";

  private ImageProcessorConfig() {}

  /**
   * The settings of the image processor.
   *
   * @param own {@code preprocessor_config.json}, missing if there is none
   * @param processor {@code processor_config.json}, missing if there is none
   * @param family that the package is taken for, whose image processor replaces an unknown one
   * @throws IllegalArgumentException if neither file has settings
   */
  static JsonNode of(
      ModelPackage model, JsonNode own, JsonNode processor, @Nullable String family) {
    JsonNode found = own.isMissingNode() ? processor.path("image_processor") : own;
    if (!found.isObject()) {
      throw model.broken("preprocessor_config.json", "is missing");
    }
    ObjectNode settings = found.deepCopy();
    // Pixtral's processor says how large a patch is, whatever the image processor says.
    if (processor.path("processor_class").asText().equals(PIXTRAL)) {
      for (String key : List.of("patch_size", "spatial_merge_size")) {
        if (processor.path(key).isInt()) {
          settings.set(key, processor.get(key));
        }
      }
    }
    if (family != null && !ImageTilers.knows(settings)) {
      settings.remove(List.of("image_processor_type", "feature_extractor_type"));
      settings.put("processor_class", Family.processorOf(family));
    }
    return settings;
  }
}
