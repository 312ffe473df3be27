package dev.squint.webapp.model;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.stereotype.Component;

/** Up while the default model is loaded; out of service while it is being loaded. */
@Component("squintHealthIndicator")
final class ModelHealth extends AbstractHealthIndicator {

  private final ModelRegistry models;

  ModelHealth(ModelRegistry models) {
    this.models = models;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    if (models.isReady()) {
      builder.up();
    } else if (models.failure() != null) {
      builder.down();
    } else {
      builder.outOfService();
    }
    builder.withDetail("model", models.ids().get(0));
  }
}
