package dev.squint.webapp.ask;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A plan that is offered by name.
 *
 * @param name {@code exact}, {@code balanced} or {@code fast}
 * @param plan the plan
 * @param measured what it costs and gains; null if that was not measured with this model
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Preset(String name, String plan, @Nullable Measured measured) {

  /**
   * What a plan costs and gains beside all tokens.
   *
   * @param questions number of questions
   * @param accuracy right answers in per cent; null if the right answers are not known
   * @param accuracyAll right answers in per cent with all tokens
   * @param agreement answers in per cent that do not change
   * @param sooner how many times sooner the first token comes; null if it was not measured
   * @param layerShare mean share of the visual tokens in the decoder's layers, (0, 1]
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Measured(
      int questions,
      @Nullable Double accuracy,
      @Nullable Double accuracyAll,
      double agreement,
      @Nullable Double sooner,
      @Nullable Double layerShare) {}
}
