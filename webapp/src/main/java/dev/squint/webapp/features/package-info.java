/**
 * Encoded pictures in a Redis or Valkey server, which several replicas share.
 *
 * <p>Start with {@link dev.squint.webapp.features.RedisFeatures}, a second level of the encoder's
 * cache. A lookup is one command and waits for a bounded time. When the store does not answer in
 * time, no question asks it for a while ({@code Breaker}).
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Nothing that the store does fails a question: what it does not give is encoded.
 *   <li>What the store returns is checked by length and checksum, since other programs can write to
 *       it.
 *   <li>A key contains Squint's version, so replicas of different versions share nothing.
 * </ul>
 */
@NullMarked
package dev.squint.webapp.features;

import org.jspecify.annotations.NullMarked;
