package dev.squint.webapp.answering;

import dev.squint.llm.Cuts;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.Variants;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.ServerSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The model, loaded once, and the reader of its pictures. */
@Configuration(proxyBeanMethods = false)
class ModelConfiguration {

  @Bean
  VisionLanguageModel model(ServerSettings settings, Environment environment) {
    return VisionLanguageModel.load(
        settings.model().isEmpty()
            ? defaultFolder(environment.getProperty("squint.home"))
            : Path.of(settings.model()),
        LoadOptions.DEFAULT
            .withVariants(
                settings.variant().isEmpty() ? Variants.ANY : Variants.parse(settings.variant()))
            .withCuts(Cuts.parse(settings.cuts()))
            .withEncoderCacheBytes(settings.work().encoderCache().toBytes())
            .withPrefixCacheBytes(settings.work().prefixCache().toBytes())
            .withEncodings(settings.work().encodings()));
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
