package dev.squint.spring;

import dev.squint.llm.VisionLanguageModel;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Names the missing setting if a bean needs a model; Spring Boot would name its condition. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class NoModelFailureAnalyzer extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException> {

  private final Environment environment;

  NoModelFailureAnalyzer(Environment environment) {
    this.environment = environment;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(
      Throwable rootFailure, NoSuchBeanDefinitionException cause) {
    boolean model = VisionLanguageModel.class.equals(cause.getBeanType());
    if (!model
        || cause instanceof NoUniqueBeanDefinitionException
        || environment.containsProperty("squint.model")) {
      return null;
    }
    return new FailureAnalysis(
        "A bean needs a VisionLanguageModel, but squint.model is not set.",
        "Set squint.model to a folder in the Hugging Face ONNX layout or to OWNER/NAME on a hub, or"
            + " define a bean of the type VisionLanguageModel.",
        cause);
  }
}
