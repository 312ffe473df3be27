/**
 * The models of the server: their names, loading, memory and health.
 *
 * <p>Start with {@link dev.squint.webapp.model.AnswerService}, which answers a request within its
 * deadline, and {@link dev.squint.webapp.model.ModelRegistry}, which opens and closes models.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A model can be closed between two requests. Take it with {@code ModelRegistry.acquire} for
 *       each request and release it after the answer.
 *   <li>{@code ModelSlot} has mutable fields; the lock of the registry guards them.
 * </ul>
 */
@NullMarked
package dev.squint.webapp.model;

import org.jspecify.annotations.NullMarked;
