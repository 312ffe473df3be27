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

/** Where the model lies that the starter loads, and the reader of its pictures. */
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
          "no --model was given, and neither SQUINT_HOME nor --squint.home says where Squint's own lies");
    }
    return Path.of(home, "samples", "tiny-vlm", "package");
  }
}
