/**
 * Encoded pictures in a Redis or Valkey server, which several replicas share.
 *
 * <p>{@link dev.squint.webapp.features.RedisFeatures} is a second level of the encoder's cache. It
 * asks one command for a question, waits a bounded time, and is left alone for a while ({@code
 * Breaker}) when the store does not answer in time.
 */
@NullMarked
package dev.squint.webapp.features;

import org.jspecify.annotations.NullMarked;
