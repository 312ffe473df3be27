/**
 * A {@link dev.squint.llm.VisionLanguageModel} as a bean of a Spring Boot application. It is there
 * when {@code squint.model} is set and the application has none of its own; with the actuator come
 * its health and metrics. {@link dev.squint.spring.SquintProperties} lists the settings.
 */
@NullMarked
package dev.squint.spring;

import org.jspecify.annotations.NullMarked;
