package dev.squint.webapp.model;

import dev.squint.spring.AnswerMeters;
import dev.squint.spring.ModelLocator;
import dev.squint.spring.SquintProperties;
import dev.squint.vision.encoder.FeatureStore;
import dev.squint.vision.picture.DecodeBudget;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.SettingsCheck;
import dev.squint.webapp.features.RedisFeatures;
import dev.squint.webapp.features.StoreMeters;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Locates models, and makes the reader of pictures and the metrics of answers. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SquintProperties.class)
class ModelConfiguration {

  /** A progressive JPEG of the largest size with as many scans as programs write. */
  private static final long VISITS_PER_PIXEL = 25;

  @Bean
  AnswerMeters answerMeters(MeterRegistry registry) {
    return new AnswerMeters(registry);
  }

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
    long pixels = settings.limits().pixels();
    return new PictureReader(pixels, false)
        .withBudget(DecodeBudget.DEFAULT.withMaxPixelVisits(VISITS_PER_PIXEL * pixels));
  }

  @Bean(destroyMethod = "close")
  FeatureStore featureStore(
      ServerSettings settings, MeterRegistry registry, SettingsCheck checkedBefore) {
    Objects.requireNonNull(checkedBefore, "unknown settings are found before a store is opened");
    return settings.features().store().isEmpty()
        ? FeatureStore.NONE
        : new RedisFeatures(settings.features(), new StoreMeters(registry));
  }

  private static Path defaultFolder(@Nullable String home) {
    if (home == null) {
      throw new IllegalArgumentException(
          "no --model is given, and Squint's own model is not found: set SQUINT_HOME or --squint.home to the folder of Squint, or give --model");
    }
    return Path.of(home, "samples", "tiny-vlm", "package");
  }
}
