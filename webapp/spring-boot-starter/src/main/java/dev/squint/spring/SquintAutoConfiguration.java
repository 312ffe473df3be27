package dev.squint.spring;

import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import java.nio.file.Path;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * The model of {@code squint.model}, loaded at the start and closed with the context, unless the
 * application has a {@link VisionLanguageModel} of its own.
 */
@AutoConfiguration
@ConditionalOnMissingBean(VisionLanguageModel.class)
@ConditionalOnProperty("squint.model")
@EnableConfigurationProperties(SquintProperties.class)
public final class SquintAutoConfiguration {

  private static final String ADVICE =
      "Set squint.model to a folder in the Hugging Face ONNX layout (config.json, tokenizer.json,"
          + " onnx/...), to OWNER/NAME[@REVISION] on a hub, or to arch:NAME. Relative folders start"
          + " at %s.";

  /** Locates models on the disk and on the hub of the settings. */
  @Bean
  @ConditionalOnMissingBean
  ModelLocator modelLocator(SquintProperties properties) {
    return ModelLocator.of(properties.hubSettings());
  }

  /** The options from the settings; a bean of the application replaces them. */
  @Bean
  @ConditionalOnMissingBean
  LoadOptions loadOptions(SquintProperties properties) {
    return properties.loadOptions();
  }

  /**
   * The model.
   *
   * @throws InvalidSettingException if it cannot be found or loaded
   */
  @Bean(destroyMethod = "close")
  VisionLanguageModel visionLanguageModel(
      SquintProperties properties, ModelLocator locator, LoadOptions options) {
    String model = properties.model();
    try {
      return VisionLanguageModel.load(locator.locate(model, options.variants()), options);
    } catch (RuntimeException e) {
      throw new InvalidSettingException(
          "squint.model", model, ADVICE.formatted(Path.of("").toAbsolutePath()), e);
    }
  }
}
