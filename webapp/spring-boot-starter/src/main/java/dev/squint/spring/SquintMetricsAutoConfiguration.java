package dev.squint.spring;

import dev.squint.llm.VisionLanguageModel;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The metrics of the models' answers, where the application has Micrometer. */
@AutoConfiguration(after = SquintAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(VisionLanguageModel.class)
public final class SquintMetricsAutoConfiguration {

  /** Counts the answers of all models in each registry that Spring Boot binds it to. */
  @Bean
  @ConditionalOnMissingBean(name = "squintMetrics")
  MeterBinder squintMetrics(List<VisionLanguageModel> models) {
    return registry -> {
      AnswerMeters meters = new AnswerMeters(registry);
      models.forEach(meters::watch);
    };
  }
}
