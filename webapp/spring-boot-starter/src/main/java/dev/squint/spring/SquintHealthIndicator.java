package dev.squint.spring;

import dev.squint.llm.VisionLanguageModel;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Up while all models are open; a detail for each bean names its model. */
final class SquintHealthIndicator extends AbstractHealthIndicator {

  private final Map<String, VisionLanguageModel> models;

  SquintHealthIndicator(Map<String, VisionLanguageModel> models) {
    this.models = Map.copyOf(models);
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    builder.up();
    models.forEach(
        (bean, model) -> {
          String name = model.model().name();
          builder.withDetail(bean, model.isClosed() ? name + " (closed)" : name);
          if (model.isClosed()) {
            builder.down();
          }
        });
  }
}
