package dev.squint.webapp.answering;

import dev.squint.webapp.ServerSettings;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;

/**
 * How long each phase of a stop may take. Answers may take the deadline. The web server, after
 * them, may only send what is written: a client that reads nothing, or an upload that stands still,
 * delays the stop for seconds.
 */
@Configuration(proxyBeanMethods = false)
class StopConfiguration {

  /** For breaking answers off that take longer. */
  private static final Duration EXTRA = Duration.ofSeconds(6);

  private static final Duration OTHER_PHASES = Duration.ofSeconds(5);

  @Bean(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME)
  static DefaultLifecycleProcessor phases(ServerSettings settings) {
    DefaultLifecycleProcessor phases = new DefaultLifecycleProcessor();
    phases.setTimeoutPerShutdownPhase(OTHER_PHASES.toMillis());
    phases.setTimeoutForShutdownPhase(
        AnswerQueue.PHASE, settings.work().deadline().plus(EXTRA).toMillis());
    return phases;
  }
}
