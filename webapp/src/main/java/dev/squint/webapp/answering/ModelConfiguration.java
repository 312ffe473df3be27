package dev.squint.webapp.answering;

import dev.squint.spring.ModelLocator;
import dev.squint.spring.SquintProperties;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.ServerSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Locates the model that the starter loads, and makes the reader of pictures. */
@Configuration(proxyBeanMethods = false)
class ModelConfiguration {

  @Bean
  ModelLocator modelLocator(SquintProperties properties, Environment environment) {
    ModelLocator named = ModelLocator.of(properties.hubSettings());
    return (model, variants) ->
        model.isEmpty()
            ? defaultFolder(environment.getProperty("squint.home"))
            : named.locate(model, variants);
  }

  @Bean
  PictureReader pictureReader(ServerSettings settings) {
    return new PictureReader(settings.limits().pixels(), false);
  }

  private static Path defaultFolder(@Nullable String home) {
    if (home == null) {
      throw new IllegalArgumentException(
          "no --model is given, and Squint's own model is not found: set SQUINT_HOME or --squint.home to the folder of Squint, or give --model");
    }
    return Path.of(home, "samples", "tiny-vlm", "package");
  }
}
