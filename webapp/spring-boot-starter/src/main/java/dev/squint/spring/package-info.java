/**
 * A {@link dev.squint.llm.VisionLanguageModel} as a bean of a Spring Boot application. It is there
 * when {@code squint.model} is set and the application has none of its own; with the actuator come
 * its health and metrics.
 *
 * <p>Start with {@link dev.squint.spring.SquintAutoConfiguration}. {@link
 * dev.squint.spring.SquintProperties} lists the settings.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Actuator and Micrometer are optional. Only classes that their auto-configurations load may
 *       use them.
 *   <li>The model is loaded at the start. With a name on a hub, that can be a download.
 * </ul>
 */
@NullMarked
package dev.squint.spring;

import org.jspecify.annotations.NullMarked;
