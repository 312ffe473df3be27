/**
 * Encoding apart from answering: an encode replica encodes tiles for others, and an answer replica
 * asks encode replicas and loads no encoder. Start with {@link
 * dev.squint.webapp.encode.EncodeClient}, which sends the tiles of a question; {@code
 * EncodeController} receives them.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>The JDK's client asks for HTTP/2 without TLS by an upgrade in the first request of a
 *       connection, whatever its body. Netty gathers that body before any filter sees the request,
 *       so {@code BodylessUpgrade} answers it over HTTP/1.1, and the client upgrades by a request
 *       without a body afterwards.
 *   <li>Cancelling a later stage of the JDK's future does not end the exchange.
 *   <li>A second request to another replica wastes the work of the first. It is sent only when the
 *       first takes longer than 95 % of the earlier ones.
 * </ul>
 */
@NullMarked
package dev.squint.webapp.encode;

import org.jspecify.annotations.NullMarked;
