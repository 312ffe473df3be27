package dev.squint.spring;

import dev.squint.llm.VisionLanguageModel;
import java.util.Map;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** The health of the models, where the application has an actuator. */
@AutoConfiguration(after = SquintAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(VisionLanguageModel.class)
public final class SquintHealthAutoConfiguration {

  /** Up while all models are open. */
  @Bean
  // Not on the class: there, the annotation would be loaded where the actuator is missing.
  @ConditionalOnEnabledHealthIndicator("squint")
  @ConditionalOnMissingBean(name = "squintHealthIndicator")
  HealthIndicator squintHealthIndicator(Map<String, VisionLanguageModel> models) {
    return new SquintHealthIndicator(models);
  }
}
